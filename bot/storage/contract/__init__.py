"""The contract of `Storage`, in parts by who relies on them."""
