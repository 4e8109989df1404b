from __future__ import annotations

from pathlib import Path

from bot_process import newsbell


def test_the_demo_brings_every_expected_alert_once_from_any_folder(tmp_path: Path) -> None:
    done = newsbell("demo", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "expected alerts came, each once" in " ".join(done.stdout.split())
    assert list(tmp_path.iterdir()) == []
