"""The messages in Chinese, simplified; ids and form as in texts.ENGLISH. Large words have up to four letters."""

CHINESE = """
permitted=放行
refer=询问
unverifiable=无法核验
admitted=准入
referred=移交
turned_back=劝返
reading=查询中
idle=请刷卡
one-card=请刷一张
fault=故障
log-broken=记录故障
log-full=记录已满
reader-broken=读卡故障
settings=设置
stopped=停机
# What stands in the bars.
entry=入口
exit=出口
link-up=网关正常
link-down=网关断开
clock-unset=--:--
# The lines below a large word.
ok=许可有效
checked-here=仅由本机判断
more=项
wait-gateway=正在询问网关|请持卡等候
one-card-please=发现两张卡|请单独刷一张
recorded=已经记录
recorded-change=有误请重新按键
use-paper=请用纸质表格|请通知技术员
restart=正在重新启动|请通知技术员
# The count of a shift; %d is a number, ADMIT is what the button is called.
shift-counting=正在统计记录|请稍候
shift-persons=共 %d 人
shift-ask=换班请按 ADMIT
shift-done=换班已经记录
# An answer that a restart interrupted: the persons who were added have to be added again.
count-again=请重新计人数
# Reasons, as the rules name them.
no-permit=没有许可卡
card-not-genuine=卡片不是真卡
unknown-card=卡片没有登记
card-blocked=卡片已被封锁
application-not-approved=申请未获批准
not-yet-valid=许可尚未生效
expired=许可已经过期
wrong-crossing-point=许可属于其他站点
entries-exhausted=进入次数已用完
overstay=停留超过期限
outside-zone=许可属于其他区域
reception-incomplete=接待站停留未满
party-too-large=同行人数过多
# Causes of an answer that cannot be given.
clock-untrusted=时钟没有设定
stale-roster=许可名单过旧
card-unproven=卡片未经验证
history-incomplete=不知以往通行记录
not-on-roster=本机名单无此卡
# Notes.
missing-exit=缺少离开记录
missing-entry=缺少进入记录
frequent=往来频繁
impossible-travel=曾在远处使用
# Faults: what is broken, and what to do. NO CARD is what the button is called.
fault-reader=请按 NO CARD|请通知技术员
fault-clock=时钟没有设定|不核对日期
fault-screen=显示屏故障|请通知技术员
fault-log=记录故障|请用纸质表格
fault-roster=名单损坏|请询问网关
fault-lights=指示灯故障|请通知技术员
fault-sound=蜂鸣器故障|请通知技术员
fault-buttons=有按键卡住|请通知技术员
fault-link=通信线路故障|请通知技术员
fault-epoch=记录编号重复|请通知技术员
fault-battery=电池电量低|请通知技术员
fault-program=程序错误|请通知技术员
fault-memory=内存不足|请通知技术员
fault-state=策略没有保存|请通知技术员
log-80=记录已用 80%
log-95=记录已用 95%!
# What a wrong field of settings.json should be; numbers are put in for %d.
set-missing=缺少
set-range=%d 至 %d
set-length=文字 %d-%d 个
set-word=未知的值
set-flag=true 或 false
set-hex=%d 位十六进制数
set-json=不是 JSON
set-long=太长
set-object=不是对象 {}
"""
