"""What single sites and services append, and what only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.urls import canonical_url

NOISE = """
utm_source UTM_MEDIUM utm-campaign utm_social-type mtm_cid matomo_campaign pk_campaign piwik_kwd gclid gclsrc dclid
gbraid wbraid gad_source srsltid fbclid fb_action_ids mibextid msclkid yclid ysclid _openstat erid twclid ttclid
igshid li_fat_id epik irclickid clickid awc mc_cid mc_eid mkt_tok vero_id ml_subscriber _hsenc _hsmi __hstc hsa_cam
oly_enc_id _bhlid _kx dm_i sfmc_id sc_uid s_cid sms_click oft_id bsft_uid adjust_tracker at_campaign at_recipient_id
xtor wt_mc wt_zmc WT.mc_id cm_mmc cmpid ncid ocid trk spm ito smid smtyp ftag srnd guccounter guce_referrer
sr_share soc_src usqp amp outputType replytocom PHPSESSID jsessionid CFID dpg_source itm_source mindbox-click-id
""".split()


@pytest.mark.parametrize("name", NOISE)
def test_a_tracking_parameter_is_dropped(name: str) -> None:
    assert canonical_url(f"https://news.example/a?id=7&{name}=x7Q9") == "https://news.example/a?id=7"


@pytest.mark.parametrize(
    "name",
    "id p page article story v q s lang hl gl ceid edition sid mid aid cid oid docid storyid storyId news_id newsid "
    "cat section date year offset no idx type mode format view video list ref source from tag var mc data1 sub1 "
    "sessionid campaign location origin share code t n".split(),
)
def test_a_parameter_that_may_choose_the_page_stays(name: str) -> None:
    assert canonical_url(f"https://news.example/a?{name}=1234") == f"https://news.example/a?{name}=1234"


@pytest.mark.parametrize(
    "query",
    [
        "source=rss",
        "ref=rss",
        "from=atom",
        "via=telegram",
        "partner=rss",
        "share=facebook",
        "_location=rss",
        "rss=1",
        "from=singlemessage",
        "source=rss----7097752c9303---4",
        "ref=weekly.letters.example",
        "output=amp",
        "view=amp",
        "sid=0123456789abcdef0123456789ABCDEF",
        "__s=a1b2c3d4e5",
        "%3Futm_source=rss",
        "amp;amp;utm_source=rss",
        "&&",
    ],
)
def test_a_value_that_names_the_channel_is_dropped(query: str) -> None:
    assert canonical_url(f"https://news.example/a?{query}") == "https://news.example/a"


@pytest.mark.parametrize(
    "query",
    [
        "ref=index.html",
        "ref=chapter-2",
        "sid=politics",
        "__s=2",
        "rss=politics",
        "view=full",
        "tag=google",
        "output=pdf",
    ],
)
def test_a_value_that_says_more_stays(query: str) -> None:
    assert canonical_url(f"https://news.example/a?{query}") == f"https://news.example/a?{query}"


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("id=7?utm_source=rss", "id=7"),
        ("id=7?utm_source=rss?fbclid=x", "id=7"),
        ("q=why?who=me", "q=why?who=me"),
    ],
)
def test_noise_behind_a_second_question_mark_is_dropped(query: str, kept: str) -> None:
    assert canonical_url(f"https://news.example/a?{query}") == f"https://news.example/a?{kept}"


@pytest.mark.parametrize(
    ("link", "canonical"),
    [
        ("https://www.nytimes.com/2026/a.html?partner=rss&emc=rss&_r=0", "https://nytimes.com/2026/a.html"),
        ("https://www.nytimes.com/a.html?pagewanted=2", "https://nytimes.com/a.html?pagewanted=2"),
        ("https://www.wsj.com/articles/a-1?mod=hp_lead_pos1", "https://wsj.com/articles/a-1"),
        ("https://www.theguardian.com/a?CMP=share_btn_url", "https://theguardian.com/a"),
        ("https://www.bbc.co.uk/news/1?at_medium=RSS&at_campaign=KARANGA", "https://bbc.com/news/1"),
        ("https://www.reuters.com/a?feedType=RSS&feedName=worldNews", "https://reuters.com/a"),
        ("https://www.businessinsider.com/a?r=US&IR=T", "https://businessinsider.com/a"),
        ("https://edition.cnn.com/a/index.html?hpt=hp_t1", "https://edition.cnn.com/a"),
        ("https://www.lemonde.fr/a.html?xtor=RSS-3208&lmd_medium=al", "https://lemonde.fr/a.html"),
        ("https://www.spiegel.de/a-1-amp?sara_ref=re-so-tw", "https://spiegel.de/a-1"),
        ("https://www.repubblica.it/a?ref=RHHD-M", "https://repubblica.it/a"),
        ("https://www.nikkei.com/article/D/?n_cid=S", "https://nikkei.com/article/D"),
        (
            "https://mp.weixin.qq.com/s?__biz=M&mid=2&idx=6&sn=1a&chksm=b&scene=1",
            "https://mp.weixin.qq.com/s?__biz=M&idx=6&mid=2&sn=1a",
        ),
        ("https://baijiahao.baidu.com/s?id=17&wfr=spider&for=pc", "https://baijiahao.baidu.com/s?id=17"),
        ("https://n.news.naver.com/article/001/0001?sid=101", "https://n.news.naver.com/article/001/0001"),
        ("https://www.youtube.com/watch?v=a&si=b&pp=c&t=70s", "https://youtube.com/watch?v=a"),
        ("https://twitter.com/u/status/1?s=20&t=x", "https://x.com/u/status/1"),
        ("https://www.amazon.co.uk/dp/B0?ref=x&pd_rd_r=y&th=1", "https://amazon.co.uk/dp/B0"),
        ("https://port.blogspot.com/2026/a.html?m=1", "https://port.blogspot.com/2026/a.html"),
        (
            "https://timesofindia.indiatimes.com/amp_articleshow/1.cms",
            "https://timesofindia.indiatimes.com/articleshow/1.cms",
        ),
    ],
)
def test_a_sites_own_marks_are_dropped_there(link: str, canonical: str) -> None:
    assert canonical_url(link) == canonical


@pytest.mark.parametrize(
    "query", ["mod=1", "cmp=1", "si=1", "feature=1", "r=1", "m=1", "for=pc", "xt_at=1", "s=20"]
)
def test_a_sites_own_marks_stay_elsewhere(query: str) -> None:
    assert canonical_url(f"https://news.example/a?{query}") == f"https://news.example/a?{query}"


@given(
    st.lists(st.tuples(st.sampled_from(["id", "p", "q", "lang", "a"]), st.integers(0, 99)), max_size=4),
    st.sampled_from(NOISE),
    st.text(alphabet="abcXYZ0189-_.~", max_size=12),
    st.integers(0, 4),
)
def test_a_tracking_parameter_anywhere_changes_nothing(
    pairs: list[tuple[str, int]], name: str, value: str, place: int
) -> None:
    query = [f"{key}={number}" for key, number in pairs]
    with_noise = [*query[:place], f"{name}={value}", *query[place:]]
    clean = canonical_url(f"https://news.example/a?{'&'.join(query)}")
    assert canonical_url(f"https://news.example/a?{'&'.join(with_noise)}") == clean


@given(st.from_regex(r"zz[a-z]{1,8}", fullmatch=True), st.text(alphabet="0123456789", min_size=1, max_size=9))
def test_an_unknown_parameter_makes_another_page(name: str, value: str) -> None:
    bare = canonical_url("https://news.example/a?id=7")
    assert canonical_url(f"https://news.example/a?id=7&{name}={value}") != bare


@given(st.permutations(["id=7", "p=2", "q=x", "lang=tr"]))
def test_the_order_of_parameters_does_not_matter(query: list[str]) -> None:
    assert (
        canonical_url(f"https://news.example/a?{'&'.join(query)}")
        == "https://news.example/a?id=7&lang=tr&p=2&q=x"
    )


def test_the_values_of_a_repeated_parameter_keep_their_order() -> None:
    assert canonical_url("https://news.example/a?t=2&a=0&t=1") == "https://news.example/a?a=0&t=2&t=1"
