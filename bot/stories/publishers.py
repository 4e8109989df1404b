"""What single sites append to their own addresses, under names that choose the page elsewhere.

Sources: ClearURLs, AdGuard (`specific.txt`), Brave (`clean-urls.json`), and what the sites' feeds, share buttons
and newsletters were seen to append.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_TABLE: Final = """
# English
nytimes.com: smvar partner emc hp _r referer referringsource sgrp ugrp nl nlid nl_art em_pos te ref src action
  module pgtype region contentcollection version rref clicksource contentplacement hpw gwt gwh mwrsm campaign_id
  instance_id segment_id user_id regi_id unlocked_article_code login auth mabreward mtrref assettype scp sq st n
  rsrc isredirect
washingtonpost.com: itid tid wpisrc wpmm hpid reload noredirect pwapi_token next_url no_nav
wsj.com marketwatch.com barrons.com: mod reflink st tesla mg siteid
bloomberg.com: in_source leadsource sref accesstoken embedded-checkout
bbc.com: at_* intlink_from_url link_location intc_type intc_location intc_campaign intc_linkname sthisfb
theguardian.com: cmp inttcmp dcr acquisitiondata
reuters.com: taid rpc irpc il virtualbrandchannel channelname ilcampaign
cnn.com: hpt iref sr eref iid xid
cnbc.com: par qsearchterm
nbcnews.com abcnews.go.com: cid
cbsnews.com cbssports.com cnet.com gamespot.com zdnet.com: intcid linkid tag ftag_cos
npr.org: ft f sc live
time.com fortune.com: iid xid
forbes.com: sh ss ctpv
ft.com: segmentid ftcamp accesstoken sharetype
economist.com: giftid
businessinsider.com insider.com businessinsider.*: r ir op
huffpost.com huffingtonpost.com huffingtonpost.*: ec_carp ir
thehill.com: rl rnd
theatlantic.com: gift
techcrunch.com: sr
usatoday.com: csp
politico.com politico.eu: lo
newyorker.com wired.com vanityfair.com vogue.com arstechnica.com pitchfork.com gq.com bonappetit.com cntraveler.com
  allure.com architecturaldigest.com self.com glamour.com teenvogue.com: bxid cndid esrc hasha hashb hashc source
  mbid intcid
telegraph.co.uk: wtmccid
theepochtimes.com: ea_med ea_src
slashdot.org: sbsrc
theglobeandmail.com cbc.ca: cmp __vfz
radio-canada.ca: partageapp
scmp.com: module pgtype
dw.com: maca
project-syndicate.org: barrier
pubmed.ncbi.nlm.nih.gov: fc ff v
tandfonline.com wiley.com sagepub.com: af
yahoo.com yahoo.*: .tsrc tsrc fr ei
msn.com: cvid ei pc

# French, German, Dutch, Italian, Spanish, Portuguese, the North
lemonde.fr: lmd_* random
lefigaro.fr: een seen m_i
spiegel.de manager-magazin.de: sara_* b d
faz.net: gepc
zeit.de: wt_cc*
bild.de: wt_t wt_eid t_ref
focus.de: fbc ts
swp.de medium.com: source
medium.com: sk
diepresse.com: from xt_at
nzz.ch: reduced
elpais.com: ssm id_externo_rsoc
elmundo.es marca.com expansion.com: cid s_kw emk
abc.es: vca vso vmc vli vtm
repubblica.it lastampa.it gelocal.it huffingtonpost.it limesonline.com ilsecoloxix.it: ref
corriere.it ilsole24ore.com: refresh_ce
folha.uol.com.br: pwgt pwgtn origin
dennikn.sk: ref
novinky.cz seznamzpravy.cz aktualne.cz respekt.cz faei.cz iprima.cz nova.cz: dop_* source seq_no
onet.pl: srcc
prvnizpravy.cz: xid
yle.fi: origin
hs.fi: share

# Russian
ria.ru sputniknews.* sputnikglobe.com: rcmd_alg rcmd_id rcmd_* share_from
rbc.ru: ruid uxid fromtg from
kommersant.ru vedomosti.ru: from stamp
riamo.ru: from mtitle mdesc mimg mimgwidth mimgheight
dzen.ru: rid clid share_to
habr.com: from
hh.ru: hhtmfrom
mel.fm: infnews

# Chinese, Japanese, Korean
sina.com.cn sina.cn: cre mod loc r rfunc tj tr wm from vt doct wapvt pos
163.com: spss spssid spsnuid spsdevid spsvid spsshare spsts spstoken spspid spsw isfromh5share clickfrom referfrom
  reqid
qq.com: adtag pgv_ref shareto devid qimei openapp chlid suid
mp.weixin.qq.com: chksm scene subscene sessionid clicktime enterid ascene devicetype version nettype abtest_cookie
  pass_ticket wx_header exportkey from mpshare srcid sharer_* key uin
sohu.com: scm pvid _f _trans_
ifeng.com: srctag
thepaper.cn: commtag sdkver clientprefix
toutiao.com: app timestamp use_new_style req_id tt_from iid
baidu.com: wfr for isfailflag
weibo.com weibo.cn: weibo_id dt_dapp from luicode lfid featurecode extparam
zhihu.com: share_code
bilibili.com: from_source from seid msource refer_from timestamp unique_k vd_source plat_id buvid is_story_h5
  up_id bbid ts visit_id session_id broadcast_type is_room_feed spm_id_from
36kr.com: f
nikkei.com: adid waad
jiji.com oricon.co.jp: ref ref_cd
asahi.com: iref ref
mainichi.jp: inb
yomiuri.co.jp number.bunshun.jp: rf
news.jp: c
yahoo.co.jp: fr source
n.news.naver.com news.naver.com: cds rc ntype lfrom
n.news.naver.com: sid
joongang.co.kr: cloc

# India, the Near East
indiatimes.com: pcode mdr
ndtv.com: pfrom
haaretz.com: gift lts
aljazeera.com: traffic_source

# Where links are shared
youtube.com: si feature pp ab_channel app kw t index embeds_* source_ve_path
x.com: s t src ref_src ref_url cn cxt
instagram.com: img_index hl
threads.net threads.com: xmt
facebook.com: __tn__ __cft__* ref refid refsrc fref hc_location hc_ref rdid share_url paipv eav _rdr _rdc acontext
  comment_tracking external_ref
reddit.com: %24deep_link $deep_link %243p $3p %24original_url $original_url correlation_id rdt share_id post_fullname
  post_index target_user ref context
linkedin.com: trackingid trackingcode refid lipi licu rcm originalsubdomain original_referer mcid
t.me: single embed
tiktok.com: _t _r _d u_code preview_pb share_app_name share_iid refer referer_url referer_video_id embed_source
substack.com: isfreemail triedredirect showwelcome token s r
open.spotify.com: si context
github.com: email_token email_source notification_referrer_id
twitch.tv: tt_medium tt_content
imdb.com: ref_ pf_rd_*
amazon.*: ref ref_ pf_rd_* pd_rd_* qid sr crid sprefix tag linkcode linkid ascsubtag dib dib_tag th psc
  creative creativeasin camp _encoding social_share content-id ufe
ebay.*: mkcid mkevt mkrid campid toolid _trkparms _trksid hash
google.*: ved ei sa usg cd cad uact oq aqs sei sxsrf rlz client sourceid gws_rd oc esrc rct ct
bing.com: form cvid
blogspot.*: m spref showcomment
translate.goog: _x_tr_*
nature.com: error code
steampowered.com: snr
apple.com: app
"""
"""`sites: names`, a line with spaces at its start going on. `amazon.*` is that label under any suffix, a name
with `*` every name that begins so.
"""


def _parsed(table: str) -> dict[str, tuple[str, ...]]:
    parsed: dict[str, tuple[str, ...]] = {}
    for line in table.replace("\n  ", " ").splitlines():
        sites, _, names = line.partition(": ")
        for site in sites.split() if names and not line.startswith("#") else ():
            parsed[site] = parsed.get(site, ()) + tuple(names.split())
    return parsed


_MARKS: Final = _parsed(_TABLE)


@lru_cache(maxsize=4096)
def marks_of(site: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Names, and beginnings of names, that mean nothing on a site or, for what it lies under, on its parents."""
    labels = site.split(".")
    names: list[str] = []
    for start, label in enumerate(labels[:-1]):
        names += _MARKS.get(".".join(labels[start:]), ())
        names += _MARKS.get(f"{label}.*", ())
    whole = frozenset(name for name in names if not name.endswith("*"))
    return whole, tuple(name.removesuffix("*") for name in names if name.endswith("*"))
