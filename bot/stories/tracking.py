"""Parameters that say how a reader came to a page and never which page it is.

Names of parameters are facts; this table is our own, held against the public lists of ClearURLs, AdGuard, Brave,
Firefox and DandelionSprout. No maintained Python package fits: courlan drops every `cid`, `session` and `source`,
by which sites choose pages, knows no site, and brings three packages; url-unwrap and unalix-rev try hundreds of
regular expressions on an address and rest on ClearURLs' rules, which are under the LGPL; shucker is under the
GPL; url-sanitize starts a process for each address; url-normalize and w3lib know no tracking parameter.

Left in, although some of those lists drop them everywhere, because sites choose pages by them: `var`, `mc`, `cuid`,
`data1`, `sub1`, `aid`, `mid`, `partition_id` and their kind.
"""

from __future__ import annotations

import re
from typing import Final

from bot.stories.publishers import marks_of

_PREFIXES: Final = tuple(
    """
    utm_ utm- utm. utml_ ga_ gaa_ dc_camp otm_ itm_ hmb_ vn_
    mtm_ matomo_ piwik_ adjust_ bsft_ hsa_ oft_ dpg_ guce_ _sgm_
    at_campaign at_custom at_link at_recipient at_detail_ at_general_
    cm_mmc cm_re cm_sp cx_recs cx_test mindbox- mr: mr%3a aspsessionid
""".split()
)
"""Families of names: Google Analytics and its imitators; Matomo, Adjust, Blueshift, HubSpot, Omeda, DPG Media,
Yahoo, Segmentify; AT Internet (Piano) and comScore; Coremetrics, Cxense, Mindbox, Partnerize; visits of ASP.
"""

_ADVERTISERS: Final = """
    gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid srsltid gs_l _ga _gl _gac _gid _utma _utmz utm utmid
    usqp amp_gsa amp_js_v
    fbclid fb_action_ids fb_action_types fb_comment_id fb_ref fb_source mibextid sfnsn
    action_object_map action_ref_map action_type_map
    msclkid yclid ysclid ymclid yadclid yadordid _openstat erid syclid sznclid twclid __twitter_impression
    ttclid igshid igsh ig_mid ig_rid li_fat_id li_source li_medium epik rdt_cid sccid tgclid
    clickid click_id external_click_id unicorn_click_id rb_clickid rtkcid irclickid irclid irgwc ir_adid ircid
    ir_campaignid ir_cid ir_partnerid iradid iradtype irmptype irmpname irpid irsharedid
    admitad_uid afsrc afftrack affid2 awc awinaffid cjevent cjdata sscid tduid zanpid wmlspartner ranmid raneaid
    ransiteid shrsl_analytics_sscid shrsl_analytics_sstid wickedid ymid gci maf aiad_clid adfrom nx_source famad_xuid
    asgtbndr btag bemobdata mkwid pcrid ef_id s_kwcid tblci dicbo obclick obOrigUrl taboolaclickid gps_adid
    vc_lpp ebisadid _zucks_suid kltstamp ceneo_spo adset_id adgroup_id adgroupid adw_src_id rlsatarget
    _branch_match_id _branch_referrer _buyer af_ad af_ad_id af_ad_type af_adset af_adset_id af_c_id af_channel
    af_keywords af_siteid af_sub_siteid af_force_deeplink af_medium af_source af_campaign is_retargeting
    dfw_tracker lctid icid2 exactag_uk k_clickid refclickid rfsn sv_campaign_id sv_affiliate_id
    brave-campaign-id brave-creative-id brave-creative-set-id
    nb_adid nb_aname nb_asize nb_atype nb_cid nb_mtype nb_partner_name nb_partner_shared_id nb_pid nb_platform
    nb_product_sku
"""
"""Click numbers of advertisers and affiliate networks."""

_SHOPS: Final = """
    24sata_ref 2p_affiliate_id 2p_click_token _1lr __cn_tracker _bdadid _mak_partner_campaign
    _nc_vts_prog _source_page _trkparms _vsrefdom _x_tr_pto acampid actcampaigntype actsource ad_config_id
    ad_pvid adcampaigngroup adgrpid adj_adgroup adj_campaign adj_creative ads_adid ads_cmpid ads_creative
    ads_matchtype ads_name ads_network ads_params ads_targetid adt_ei adxnnl adxnnlx aem_p4p_detail
    af-campaign af_click_lookback af_cost_model af_keyword af_prt af_referral_type af_referrer_customer_id
    af_referrer_name af_referrer_uid afcampaignid afcode afcreativeid afd_number aff_click_id aff_fcid
    aff_fsk aff_network aff_platform aff_trace_key aff_track affcode affi_id affiliate_id
    affiliate_location_id affiliatecode affiliatecustomid affiliates_ad_id afflid afftag affuid affwin
    afn_sr afsmartredirect aftr aftr_source agentcodeweblink akmclientcountry algo_exp_id algo_expid
    algo_pvid amp_device_id ampcid analyticscorrelationid app_clickref asclid au_advert_id au_car_id
    belboon bsencid btsid cagpspn cawelaid cf_affiliate_id channable checkfordeferred cj_affid
    cj_affiliate cj_affname cj_aid cj_cid cj_event cj_link_id cj_link_name cj_linkd cj_pid cj_pub_sid
    cj_publisher cj_webid cjaid cjbatcheventid cjcid cjeventid cjid cjpid cjpixel cjreq cjsid cjurl ckmc
    ckmsc cl_aid cl_camp cl_crtv cl_vend clickorigin clicksr cmpg_for_af cnxclid context_referrer cpa-perf
    creativeasin cshid cstrackid custlixnkid dc_adgroupid deep_and_deferred deep_link_sub1 deeplinkguid
    depth_1-utm_source ds_e_target_id edsacid effect_campaign effect_medium effect_source effi_id effi_id2
    fcref fpaffiliate fpsub full_trsrc gdffi gdfms gdftrk geniuslink ggcid ggdev ggdevm ggntk ggplm ggpos
    ggsub ggtgt gtmtrack hvadid hvaraid hvbmt hvdev hvdvcmdl hvexid hvlocint hvlocphy hvnetw hvpone hvpos
    hvptwo hvqmt hvrand hvtargid ia-pkpmtrack ignorenavigationbar imoidviz impradid impradname irclicid
    istbid istcompanyid istfeedid istitemid ko_click_id kpartnerid ldtag_cl lsnpubid lsnpubname lsnsubsite
    mkref mktgcampaignp mktids mms_chref mobile_deeplink_data mp_value1 nrtv_as_src nrtv_cid om_mmc
    onebrand_source organic_search_click osocial otracker otracker1 pa-partnerid pacid pj_creativeid
    pj_publisherid pjxaffiliate_id pjxclick_id pr_prod_strat pr_rec_id pr_rec_pid pr_ref_pid qq-pf-to
    rbx_campaign rbx_medium rbx_source recs_source recurring_goal_id ref_ctx_id ref_lp refer_code
    referral_id referralcode refrid removedparams retailattributiontoken retailerslug rffrid rmmds rmtsref
    rndad rpp_cid sap-outbound-id sb_referer_host sclickid scrolla sdsrc slref smcid stpcjid strackid
    sub_aff_id subacctid subacctname sudaref sursa_rec sxsrf szredirectid t-src tagtag_uid tg_ref tmad
    tmcampid tmclickref tmlog tmplaceref tracelog track_adgroupid track_campaignid track_keyword trco_id
    twitchreferral vfadid vifadcount wgexpiry wpa_aduid wpa_aux_info wpa_bd wpa_pg_seller_id wpa_plmt
    wpa_pos wpa_ref_id wpa_tag ws_ab_test wx_navbar_hidden wx_navbar_transparent wx_statusbar_hidden
    x-acqsource x-clickref x-wts
"""
"""What affiliate and price-comparison networks append, after DandelionSprout; of that list only names that no page
would call its own, and none that only the requests of advertisements hold.
"""

_MAILERS: Final = """
    mc_cid mc_eid mc_tc mkt_tok vero_id vero_conv ml_subscriber ml_subscriber_hash ml_sub ml_sub_hash
    _hsenc _hsmi __hsfp __hssc __hstc _hsfp _hssc _hstc hsctatracking hss_channel hubspotutk
    oly_anon_id oly_enc_id _bhlid _kx _ke dm_i ck_subscriber_id et_rid et_cid et_lid eblastid bbeml
    sfmc_id sfmc_activityid sfmc_sub sc_customer sc_eh sc_lid sc_llid sc_src sc_uid s_cid s_campaign ex_cid
    ss_email_id ss_campaign_id ss_campaign_name ss_campaign_sent_date ss_source
    sms_click sms_source sms_uph sms_ss spmailingid spuserid spjobid spreportid elqtrack elqtrackid elqaid elqat
    elqcampaignid elq elqcst _cldee _clde omnisendcontactid attn_vid nr_email_referer email_work_card
    user_email_address trk_contact trk_msg trk_module trk_sid vgo_ee rpcid h_sid h_slt emcs_t ems_dl emci emdi
    onetime_fromemail clickthruemail clickthrucustomernumber _bta_tid _bta_c inf_contact_key
"""
"""Recipients and mailings of newsletter senders: Mailchimp, Marketo, Vero, MailerLite, HubSpot, Omeda, Beehiiv,
Klaviyo, Drip, Dotdigital, Kit, Salesforce, Sailthru, Silverpop, Eloqua, Dynamics, Omnisend.
"""

_STATISTICS: Final = """
    at_medium at_format at_bbc_team at_ptr_name at_channel at_creation at_emailtype at_identifier at_network
    at_platform at_send_date at_term at_type at_variant at_gd xtor xtref wt_mc wt_zmc wt.mc_id wt.mc_ev wt.srch
    wt.tsrc wtmc wtzmc wtrid wt_ref pk_campaign pk_kwd pk_keyword pk_source pk_medium pk_content pk_cid pk_cpn
    pk_vid cm_cr cm_me cm_lm cm_ven cm_cat cm_pla cm_ite cm_ainfo cm_type cm_soc cx_click cx_artpos oprtrack
    __io_lv _io_session_id adobe_mc adobe_mc_ref adobe_mc_sdid s_afcid ncid n_cid i_cid cvosrc cmpid ocid dgcid ns_mchannel ns_source ns_campaign ns_linkname ns_fee
    dcmp extcmp int_cmpid intcmp int_campaign int_medium int_source int_content icmp icid tracking_source
    traffic_source trafficsource os_ehash echobox trk trkinfo trkcampaign spm scm_id spm_id_from personaclick_search_query
    personaclick_input_query nosto nosto_source mt_link_id mktc mktcid mktcval mkcid as_campaign as_source
    as_camptype as_channel pm_source pm_medium pm_campaign ft_source ft_medium src_source src_medium src_campaign
    src_term src_content src_custom ref_source ref_medium ref_campaign ref_src ref_url orig_referrer sp_source
    sp_medium sp_campaign tw_source tw_medium tw_profile_id tw_document_href tw_adid tw_campaign prx_referrer
    campaign_medium campaign_source kampagne zmg_code uls_trackid topicpagesponsorship cgkit_search_word
    spot_im_redirect_source beyond_uzcvid beyond_uzmcvid uzcid pjxsource tctx thg_ppc_campaign
"""
"""Campaigns as web statistics have them named: AT Internet (`at_`, `xt`), Webtrekk and Webtrends (`wt`), Matomo
(`pk_`), Coremetrics (`cm_`), Adobe, Oath, Parse.ly, Alibaba (`spm`).
"""

_NEWSROOMS: Final = """
    ito smid smtyp sr_share soc_src soc_trk guccounter isappinstalled fsrc tpcc ftag srnd gaa_at wprss
    amp outputtype relatedposts_hit relatedposts_origin relatedposts_position replytocom like_comment
    share_source share_medium share_plat share_tag share_session_id share_from sharetoken share_token dlvrit
    is_copy_url is_from_webapp sender_device sender_web_id nsukey is_pocket __source feedtype feedname
    caniuse_source fromrankid ktm_source posted_via openexternalbrowser openinapp_browser linkinbio
"""
"""Marks of newsrooms' own share buttons, feeds and newsletters, and of WordPress's comment links."""

_VISITS: Final = """
    phpsessid jsessionid cfid cftoken oscsid zenid sessid
"""
"""The visit, where a server cannot set a cookie (as the Internet Archive strips it, `IAURLCanonicalizer`)."""

_TRACKING: Final = frozenset(
    name.lower() for name in (_ADVERTISERS + _SHOPS + _MAILERS + _STATISTICS + _NEWSROOMS + _VISITS).split()
)

_CHANNELS: Final = frozenset(
    """
    rss rss1 rss2 rss20 rss2.0 rssfeed rss_feed rss-feed rssfeeds atom xml feed feeds feedburner newsfeed syndication
    newsletter email e-mail mail amp
    twitter facebook telegram whatsapp linkedin reddit pinterest tumblr pocket instapaper flipboard viber vk
    weibo wechat weixin singlemessage groupmessage timeline qq line skype messenger x mastodon threads bluesky
    tw fb tg social share sharebutton copylink google googlenews google_news google-news news.google
""".split()
)
"""Values that say how the reader came."""

_CHANNEL: Final = re.compile(r"(?:rss|atom)-{2,}\w+-+\d+|amp|[a-z]+[-_](?:rss|share)")
_YES: Final = frozenset({"", "1", "y", "yes", "true", "on"})
_CHANNEL_NAMES: Final = frozenset(
    """
    source src ref from feed partner medium via share shared _location location referrer referer ref_ frm origin
    cmp cid campaign
""".split()
)
"""Parameters that may choose a page elsewhere are noise only where their value names a channel."""

_LAYOUT_NAMES: Final = frozenset(
    "output view mode type format layout template tpl render platform version style".split()
)
_HOST_VALUE: Final = re.compile(
    r"(?:[a-z0-9-]+\.)+(?!html?$|php$|aspx?$|jsp$|xml$|pdf$|cgi$|cfm$)[a-z]{2,24}/?"
)
_DRIP: Final = re.compile(r"[a-z0-9]{6,}")
_SESSION: Final = re.compile(r"[0-9a-f]{32}")


def is_noise(name: str, value: str, site: str) -> bool:
    """Whether a parameter on a site says nothing of the page. All three in lower case, in one spelling."""
    if name[:1] in ("%", "?"):
        name = name.removeprefix("%3f").lstrip("?")  # what is left of a second ? in the address
    if name in _TRACKING or name.startswith(_PREFIXES):
        return True
    names, prefixes = marks_of(site)
    if name in names or (prefixes and name.startswith(prefixes)):
        return True
    return _value_is_noise(name, value)


def _value_is_noise(name: str, value: str) -> bool:
    """Whether the value tells a layout, a channel or a visit under a name that may mean a page elsewhere."""
    if name in _CHANNEL_NAMES:
        if value in _CHANNELS or _CHANNEL.fullmatch(value):
            return True
        return name == "ref" and _HOST_VALUE.fullmatch(value) is not None  # Ghost names the linking site so
    if name in _LAYOUT_NAMES:
        return value == "amp"
    if name == "rss":
        return value in _YES or value in _CHANNELS
    if name == "__s":  # Drip's, unless short (AdGuard's rule)
        return _DRIP.fullmatch(value) is not None
    return name == "sid" and _SESSION.fullmatch(value) is not None
