"""Outlines of the five documents, written out and checked against the text line by line, and headings of other forms."""

import re

import pytest

from corpus.clean import read_paragraphs
from corpus.load import load_documents
from corpus.outline import heading_path, read_contents, read_outline, read_parts, stated_years
from corpus.read import read_document
from corpus.types import DocumentInfo, Heading, ReadDocument

# Two blanks a level.
OUTLINE_000 = """
一、高度重视，抓好落地落实
二、压实责任，精准细化分解
三、加强统筹，严格督查考核
2021年市政府工作报告目标任务分解方案
  一、“十四五”时期重点工作
    (一)坚持创新驱动发展，加快建设具有全国影响力的科技创新中心
    (二)深入推动成渝地区双城经济圈建设，持续释放“一区两群”空间布局优化效应
    (三)壮大现代产业体系，着力推动经济体系优化升级
    (四)依托强大国内市场，在深度融入新发展格局中展现新作为
    (五)统筹乡村振兴和城市提升，推动城乡融合发展
    (六)在更高起点推进全面深化改革，构建高水平社会主义市场经济体制
    (七)实行更高水平开放，加快建设内陆开放高地
    (八)繁荣发展文化事业和文化产业，加快推进文化强市建设
    (九)坚持生态优先绿色发展，加快建设山清水秀美丽之地
    (十)努力创造高品质生活，提高社会建设水平
    (十一)统筹发展与安全，守住安全发展底线
  二、2021年主要预期目标
  三、2021年重点工作
    (一)更大力度推进科技创新
    (二)推动成渝地区双城经济圈建设走深走实
    (三)提升产业链供应链现代化水平
    (四)深化重点领域改革
    (五)加快培育内陆开放新优势
    (六)全面推进乡村振兴
    (七)持续实施城市提升行动计划
    (八)加强污染防治和生态建设
    (九)切实保障和改善民生
    (十)毫不放松抓好常态化疫情防控
  四、切实加强政府自身建设
"""

OUTLINE_001 = """
一、2023年工作回顾
  ——这一年，我们坚持“总书记有号令、党中央有部署，重庆见行动”，全力推动现代化新重庆建设开局起步
  ——这一年，我们牢记“学思想、强党性、重实践、建新功”总要求，全力推动主题教育见行见效
  ——这一年，我们突出稳进增效、除险清患、改革求变、惠民有感工作导向，全力推动各项工作变革重塑
  ——这一年，我们锚定目标不松劲、不懈怠、不停步，全力推动经济回升向好
  （一）扎实推进成渝地区双城经济圈建设，全市域融入、全方位推进形成新格局
  （二）全力推进稳增长提信心强主体，扩大内需、提振经济取得新成效
  （三）加快推进新型工业化，产业升级、创新发展迈出新步伐
  （四）统筹推进城乡融合发展，城市品质、乡村面貌发生新变化
  （五）全面推进数字重庆建设，数字化变革、重点领域改革释放新活力
  （六）大力推进西部陆海新通道建设，通道能级、开放水平实现新提升
  （七）系统推进美丽重庆建设，生态优先、绿色发展厚植新优势
  （八）深入推进惠民暖心优服行动，民生福祉、生活品质有了新改善
  （九）持续推进平安重庆建设，安全防线、发展底线得到新巩固
二、2024年主要任务
  （一）纵深推进成渝地区双城经济圈建设，合力打造带动全国高质量发展的重要增长极
    强化双核联动联建
    促进成渝中部地区高质量一体化发展
    “一县一策”推动山区库区高质量发展
  （二）坚持以科技创新推动产业创新，加快构建现代化产业体系
    壮大制造业集群
    深化科技赋能
    发展现代服务业
    推进数字化转型发展
  （三）多措并举稳投资促消费，充分激发需求潜力和经济活力
    持续扩大有效投资
    促进消费扩容提质
  （四）加快推动数字重庆建设面上突破，引领带动全面深化改革纵深发展
    迭代升级数字化改革
    推动“三攻坚一盘活”改革突破
    促进民营经济发展壮大
    持续优化营商环境
  （五）高水平建设西部陆海新通道，打造内陆开放高地
    增强开放通道带动力
    增强开放平台集聚力
    增强开放型经济竞争力
  （六）深入推进以人为本的新型城镇化，提高城市综合承载能力
    优化城镇体系布局
    提升城市功能品质
    增强城市治理能力
  （七）有力有效推进乡村全面振兴，加快建设巴渝和美乡村
    坚决守牢底线红线
    大力发展乡村产业
    全面提升乡村建设治理水平
    深化强村富民综合改革
  （八）全面融入长江经济带高质量发展战略，扎实推进美丽重庆建设
    深入打好污染防治攻坚战
    加强生态系统保护修复
    实施绿色低碳转型行动
  （九）加快打造新时代文化强市，增强城市文化软实力
    巩固壮大主流思想舆论
    繁荣发展文化事业和文化产业
    扩大对外文化传播
  （十）更大力度保障和改善民生，提升人民生活品质
    加强就业服务和社会保障
    推进教育强市建设
    优化卫生健康服务体系
    建设更高水平的平安重庆
三、全面加强政府自身建设
  （一）强化政治铸魂，做对党忠诚、立场坚定的明白人
  （二）强化依法行政，做尊法守法、践诺守信的执行者
  （三）强化效能建设，做紧抓快干、狠抓落实的实干家
  （四）强化正风肃纪，做清廉为民、干净干事的行动派
"""

OUTLINE_002 = """
培育壮大创新主体
深化科技体制改革
（二）推动成渝地区双城经济圈建设走深走实
  认真落实双城经济圈建设规划纲要
  做大做强“一区”、做优做特“两群”
（三）提升产业链供应链现代化水平
  持续发展先进制造业
  加快发展数字经济
  大力发展现代服务业
（四）深化重点领域改革
  深化财政体制改革
  深化金融改革
  深化国资国企改革
  激发民营经济活力
  营造市场化法治化国际化营商环境
（五）加快培育内陆开放新优势
  提升开放通道能级
  提升开放平台引领功能
  提升开放型经济水平
（六）全面推进乡村振兴
  做好巩固拓展脱贫攻坚成果同乡村振兴有效衔接
  提高农业质量效益和竞争力
  实施乡村建设行动
  深化农业农村改革
（七）持续实施城市提升行动计划
  健全国土空间规划体系
  完善基础设施网络
  实施城市更新行动
  深化大城细管、大城众管、大城智管
（八）加强污染防治和生态建设
  继续打好污染防治攻坚战
  加强生态环境综合治理
  推广绿色生产生活方式
（九）切实保障和改善民生
  加强就业和社会保障
  推动教育公平发展和质量提升
  推动文化繁荣发展
  提高卫生健康服务质量
  提升社会治理能力和水平
（十）毫不放松抓好常态化疫情防控
  严防疫情外部输入
  落实内防反弹措施
  提高应急保障能力
四、切实加强政府自身建设
  坚持把党的政治建设贯穿政府工作全过程
  坚持在法治轨道上推进政府治理体系和治理能力现代化
  坚持一体推进不敢腐、不能腐、不想腐
  坚持不懈推进各项工作落地落实
"""

OUTLINE_003 = """
重庆市人民政府工作报告
  一、2021年工作回顾
    ——这一年，我们扎实开展党史学习教育，从百年党史中汲取智慧力量
    ——这一年，我们开局“十四五”、开启新征程，在战略上布好局、在关键处落好子
    ——这一年，我们统筹疫情防控和经济社会发展、统筹发展和安全，谱写高质量发展高品质生活新篇章
    （一）扎实推进科技创新能力提升
      提升创新平台
      壮大创新主体
      优化创新生态
    （二）扎实推进产业转型升级
      推动制造业高质量发展
      推动大数据智能化发展
      大力发展现代服务业
    （三）扎实推进成渝地区双城经济圈建设
    （四）扎实推进“一区两群”协调发展
    （五）扎实推进改革开放
      拓展开放通道
      提升开放平台
      发展开放型经济
      以开放促改革
    （六）扎实推进乡村振兴和城市提升
      分层分类全面推进乡村振兴
      大力推进城市提升工作
    （七）扎实推进生态环境保护
      强化生态保护修复
      强化减污治污
      强化节能降碳
    （八）扎实推进社会事业发展和民生改善
    （九）扎实推进安全稳定各项工作
  二、2022年工作安排
    （一）全力以赴稳增长，保持经济运行在合理区间
      积极扩大有效投资
      促进消费升级扩容
      激发市场主体活力
    （二）统筹成渝地区双城经济圈建设和“一区两群”协调发展，持续释放区域经济发展布局优化效应
      纵深推进双城经济圈建设
      持续推进“一区两群”协调发展
    （三）更大力度推动科技创新，加快建设具有全国影响力的科技创新中心
      建设一流创新平台
      培育一流创新主体
      营造一流创新生态
    （四）加快构建现代产业体系，增强产业链韧性和竞争力
      提高制造业核心竞争力
      大力发展数字经济
      推动现代服务业高质量发展
    (五)推动改革落地见效,激发市场活力和发展内生动力
      深化财政金融改革
      深化国资国企改革
      推动民营经济高质量发展
      加快营商环境创新试点城市建设
    （六）扩大高水平开放，更好融入国内国际双循环
      提升开放通道效率
      提升开放平台能级
      提升开放型经济质量
    （七）全面推进乡村振兴，加快农业农村现代化
      持续巩固拓展脱贫攻坚成果
      提升农业综合效益和竞争力
      推进乡村建设行动
      深化农业农村改革
    (八)持续推进城市提升，提高城市功能品质
      强化规划引领
      构建现代基础设施网络
      深入实施城市更新行动
      推动城市管理改革创新
    (九)加快建设山清水秀美丽之地，筑牢长江上游重要生态屏障
      提升生态系统质量和稳定性
      深入打好污染防治攻坚战
      有序推进“双碳”工作
      深化生态文明体制改革
    （十）推进以改善民生为重点的社会建设，以更有效举措促进共同富裕
      科学精准做好疫情防控
      加强就业和社会保障
      促进教育高质量发展
      强化全方位全周期健康保障
      推动文化体育事业高质量发展
      加强和创新社会治理
  三、提升政府治理能力
    （一）把政治建设摆在首位
    （二）把法治建设推向纵深
    （三）把效能建设抓紧抓实
    （四）把廉政建设贯穿始终
关于重庆市2021年国民经济和社会发展规划执行情况及2022年计划草案的报告
  一、2021年国民经济和社会发展规划执行情况
    ——主要经济指标好于预期，经济恢复态势更加稳健
    ——创新引领趋势明显，高质量发展动能更加强劲
    ——经济结构持续优化，国民经济循环更加畅通
    ——政策效应加快释放，发展信心更加坚定
    （一）更大力度推动科技自立自强，在创新驱动发展上迈出新步伐、取得新成效
      一是创新平台加快建设
      二是创新主体加快培育
      三是创新人才加快引育
      四是创新成果加快转化
      五是创新生态加快优化
    （二）推动成渝地区双城经济圈建设成势见效，在城乡区域协调发展上迈出新步伐、取得新成效
      一是成渝地区双城经济圈建设步伐加快
      二是“一区两群”协调发展态势良好
      三是乡村振兴分层分类全面推进
      四是城市提升工作深入推进
      五是城乡融合发展成效显著
    （三）全力提升产业链供应链现代化水平，在建设现代产业体系上迈出新步伐、取得新成效
      一是先进制造业加快发展
      二是数字经济和实体经济加速融合
      三是现代服务业发展水平持续提升
      四是农业发展质量效益和竞争力明显提高
    （四）推动建立健全内需体系，在扩大内需上迈出新步伐、取得新成效
      一是有效投资不断扩大
      二是消费市场持续回暖
    （五）持续深化改革开放，在激发市场活力上迈出新步伐、取得新成效
      一是全面深化改革纵深推进
      二是内陆开放高地建设扎实推进
      三是开放型经济稳步提升
    （六）全面推动生态优先绿色发展，在建设山清水秀美丽之地上迈出新步伐、取得新成效
      一是生态系统保护修复扎实推进
      二是减污治污工作扎实开展
      三是碳达峰碳中和工作有序开展
      四是能源绿色低碳转型稳步推进
      五是绿色生产生活方式逐渐形成
    (七)持续创造高品质生活,在保障和改善民生上迈出新步伐、取得新成效
      一是脱贫攻坚成果持续巩固
      二是就业形势总体稳定、稳中向好
      三是教育公平发展和质量水平进一步提升
      四是社会事业加快发展
      五是社会高度关切的民生问题逐步解决
      六是重点领域风险有效防范
  二、2022年国民经济和社会发展规划总体考虑
    （一）宏观形势判断
    （二）总体要求
    （三）主要发展目标
    （四）重大项目安排
  三、2022年实现国民经济和社会发展的重点工作
    （一）聚焦扩大内需持续用力，全力畅通经济循环，着力稳住经济基本盘
      一是积极扩大有效投资
      二是促进消费升级扩容
    (二)聚焦成渝地区双城经济圈建设持续用力,加快推动区域协调发展,着力优化发展格局
      一是纵深推进成渝地区双城经济圈建设
      二是加快推动主城都市区同城化发展
      三是全力推动渝东北三峡库区城镇群生态优先绿色发展
      四是全力推动渝东南武陵山区城镇群文旅融合发展
    （三）聚焦科技自立自强持续用力，加快提升自主创新能力，着力释放发展潜力
      一是实施科创平台领航行动
      二是着力突破关键核心技术
      三是壮大优势创新力量
      四是激发人才创新活力
      五是营造良好创新生态
    （四）聚焦振兴实体经济持续用力，加快建设现代产业体系，着力夯实经济根基
      一是着力推动制造业高质量发展
      二是着力推动数字经济高质量发展
      三是着力推动服务业高质量发展
      四是着力推动现代农业高质量发展
    (五)聚焦深化改革开放持续用力,加快营造良好发展环境,着力增强发展动能
      一是大力推进营商环境创新试点城市建设
      二是大力推进更深层次改革
      三是进一步畅通开放通道
      四是进一步提升开放平台能级
      五是进一步提高开放型经济质量
    （六）聚焦城乡融合发展持续用力，加快提升城市功能品质，着力全面推进乡村振兴
      一是持续巩固拓展脱贫攻坚成果
      二是持续全面推进乡村振兴
      三是持续提升城市功能品质
      四是持续推动城乡融合发展
    （七）聚焦绿色低碳发展持续用力，加快建设山清水秀美丽之地，着力筑牢绿色发展本底
      一是扎实推动碳达峰碳中和工作
      二是切实筑牢长江上游重要生态屏障
      三是深入打好污染防治攻坚战
    （八）聚焦创造高品质生活持续用力，加快提高保障和改善民生水平，着力推进发展成果共享
      一是持续抓好常态化疫情防控
      二是积极稳就业促创业
      三是健全完善公共服务体系
      四是扎实做好重要民生商品保供稳价及粮食、能源安全保障工作
      五是着力防范化解苗头性、倾向性、潜在性风险
  计划报告附件（一） 2021年国民经济和社会发展规划主要指标预期目标完成情况
    一、部分指标情况说明
    二、指标完成情况
  计划报告附件（二） 2022年国民经济和社会发展规划草案
    一、指标调整情况
    二、目标值设置情况及主要考虑
关于重庆市2021年预算执行情况和2022年预算草案的报告
  一、2021年预算执行情况
    （一）全市预算执行情况
      1.全市一般公共预算
      2.全市政府性基金预算
      3.全市国有资本经营预算
      4.全市社会保险基金预算
    （二）市级预算执行情况
      1.市级一般公共预算
      2.市级政府性基金预算
      3.市级国有资本经营预算
    （三）地方政府债务限额、发行及余额情况
  二、2021年财政工作情况
    （一）主要政策落实及重点工作开展情况
      一是推动高质量发展
      二是落实重大战略任务
      三是保障和改善民生
      四是推进财政管理改革
      五是防控财政运行风险
    (二)落实市人大预算决议和服务代表委员情况
      一是严格落实市人大预算决议
      二是完善服务代表委员机制
      三是抓好代表建议、政协提案办理
  三、2022年工作安排
    （一）2022年财政收支形势分析
    （二）2022年预算编制和财政工作的总体要求
      ——抓开源，更大力度统筹财政资源
      ——保重点，更实举措支持重大战略任务
      ——控支出，更严标准过好紧日子
      ——提效能，更高水平推动财政管理改革
      ——稳运行，更富成效防范化解财政风险
    （三）2022年财政重点支出方向
      1.支持区域协调发展
      2.支持科技创新中心建设
      3.支持现代产业体系建设
      4.支持全面推进乡村振兴
      5.支持城市提升行动计划
      6.支持生态优先绿色发展
      7.支持保障和改善民生
  四、2022年预算草案
    （一）全市预算收入预计和支出安排
      1.全市一般公共预算
      2.全市政府性基金预算
      3.全市国有资本经营预算
      4.全市社会保险基金预算
    (二)市级预算收入预计和支出安排
      1.市级一般公共预算
      2.市级政府性基金预算
      3.市级国有资本经营预算
    （三）地方政府债券发行计划和还本付息安排
"""


VOLUMES = """
第一篇 开启全面建设社会主义现代化新征程
第二篇 坚持创新驱动发展 加快建设具有全国影响力的科技创新中心
第三篇 深入推动成渝地区双城经济圈建设 持续释放“一区两群”空间布局优化效应
第四篇 壮大现代产业体系 着力推动经济体系优化升级
第五篇 依托强大国内市场 在深度融入新发展格局中展现新作为
第六篇 统筹乡村振兴和城市提升 推动城乡融合发展
第七篇 在更高起点推进全面深化改革 构建高水平社会主义市场经济体制
第八篇 实行更高水平开放 加快建设内陆开放高地
第九篇 繁荣发展文化事业和文化产业 加快推进文化强市建设
第十篇 坚持生态优先绿色发展 加快建设山清水秀美丽之地
第十一篇 努力创造高品质生活 提高社会建设水平
第十二篇 统筹发展与安全 守住安全发展底线
第十三篇 健全规划的领导和保障机制
"""

# Box, its first and its last item; a box that is a table has none.
BOXES = """
专栏1 “十三五”规划主要指标实现情况 | |
专栏2 “十四五”经济社会发展主要指标 | |
专栏3 川渝毗邻地区区域合作发展功能平台 | 渝东北与川东北地区 | 成渝中部地区
专栏4 中心城区重大示范工程 | 长嘉汇 | 艺术湾
专栏5 战略性新兴产业重点方向 | 新一代信息技术 | 节能环保
专栏6 重大物流工程 | 国家物流枢纽建设工程 | 城乡配送网络建设工程
专栏7 重大交通建设项目 | 铁路 | 民航
专栏8 中心城区交通市级重点建设项目 | 轨道交通 | 城市道路
专栏9 重大能源项目 | 电源基础设施 | 储煤设施
专栏10 重大水利工程 | 大型引调水工程 | 防洪治理工程
专栏11 特色消费集聚区建设 | 国际消费核心区 | 特色康养基地
专栏12 农业发展重点工程 | 现代农业产业园 | 智慧农业
专栏13 乡村建设重大工程 | 农村基础设施建设 | 乡村文化建设
专栏14 开放通道建设重点 | 西部陆海新通道 | 国际航空通道
专栏15 公共文化服务重大项目 | 重大文化设施建设 | 传承发展优秀传统文化
专栏16 文化和旅游融合发展重点 | 旅游度假区 | 文化旅游节会
专栏17 生态修复与环境治理重点工程 | 山水林田湖草生态保护修复 | 环境风险防范
专栏18 就业创业重点项目 | |
专栏19 现代化教育强市建设重点 | 基础教育 | 教师队伍
专栏20 健康、养老重大项目 | 公共卫生 | 养老服务
"""


@pytest.fixture(scope="module")
def read() -> dict[str, ReadDocument]:
    return {document.info.id: read_document(document) for document in load_documents()}


def lines(block: str) -> list[str]:
    return [line for line in block.splitlines() if line]


def labelled(document: ReadDocument, ending: str) -> list[Heading]:
    return [heading for heading in document.outline if heading.label.endswith(ending)]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize(
    ("document_id", "outline"), [("000", OUTLINE_000), ("001", OUTLINE_001), ("002", OUTLINE_002), ("003", OUTLINE_003)]
)
def test_outline_written_out(read: dict[str, ReadDocument], document_id: str, outline: str) -> None:
    assert ["  " * heading.level + heading.text for heading in read[document_id].outline] == lines(outline)


def test_plan_outline_counts(read: dict[str, ReadDocument]) -> None:
    plan = read["004"]
    counts = {ending: len(labelled(plan, ending)) for ending in "篇章节"}
    assert counts == {"篇": 13, "章": 55, "节": 125}
    assert sum(heading.label.startswith("专栏") for heading in plan.outline) == 20
    assert [heading.text for heading in labelled(plan, "篇")] == lines(VOLUMES)


def test_plan_headings_are_the_lines_that_the_text_spaces_apart(read: dict[str, ReadDocument]) -> None:
    """The plan sets two blanks behind the label of a heading; a title may go on two lines below."""
    plan = read["004"]
    found = re.findall(r"^(第[一二三四五六七八九十]+[篇章节])  (.+)$", plan.document.text, re.MULTILINE)
    headings = [heading for heading in plan.outline if heading.label[-1:] in tuple("篇章节")]
    assert [heading.label for heading in headings] == [label for label, _ in found]
    for heading, (label, title) in zip(headings, found, strict=True):
        assert squeezed(heading.text).startswith(squeezed(label + title))
    wrapped = [
        heading.text for heading, (label, title) in zip(headings, found, strict=True) if squeezed(heading.text) != squeezed(label + title)
    ]
    assert wrapped == [
        "第二章 “十四五”时期我市经济社会发展指导方针、主要目标和二〇三五年远景目标",
        "第二篇 坚持创新驱动发展 加快建设具有全国影响力的科技创新中心",
        "第三篇 深入推动成渝地区双城经济圈建设 持续释放“一区两群”空间布局优化效应",
        "第七篇 在更高起点推进全面深化改革 构建高水平社会主义市场经济体制",
    ]


def test_plan_nesting(read: dict[str, ReadDocument]) -> None:
    plan = read["004"]
    levels = {ending: {heading.level for heading in labelled(plan, ending)} for ending in "篇章节"}
    assert levels == {"篇": {0}, "章": {1}, "节": {2}}
    for heading in plan.outline:
        if heading.label.startswith("专栏"):
            assert heading.parent is not None
            assert plan.outline[heading.parent].label.endswith("节")
    sections = [heading for heading in plan.outline if heading.label == "第三节" and heading.text.startswith("第三节 推进渝东南")]
    assert heading_path(plan.outline, plan.outline.index(sections[0])) == (
        "第三篇 深入推动成渝地区双城经济圈建设 持续释放“一区两群”空间布局优化效应",
        "第八章 推动“一区两群”协调发展",
        "第三节 推进渝东南武陵山区城镇群文旅融合发展",
    )


def test_boxes_and_their_items(read: dict[str, ReadDocument]) -> None:
    plan = read["004"]
    found = []
    for index, heading in enumerate(plan.outline):
        if heading.label.startswith("专栏"):
            items = [item.text for item in plan.outline if item.parent == index]
            found.append(f"{heading.text} | {items[0] if items else ''} | {items[-1] if items else ''}".replace("|  |", "| |").rstrip())
    assert found == [line.rstrip() for line in lines(BOXES)]


@pytest.mark.parametrize("document_id", ["000", "001", "002", "003", "004"])
def test_every_heading_stands_where_it_says(read: dict[str, ReadDocument], document_id: str) -> None:
    document = read[document_id]
    for index, heading in enumerate(document.outline):
        stored = document.document.text[heading.span.start : heading.span.end]
        assert squeezed(stored).replace("&", "") == squeezed(heading.text)
        assert heading.text.startswith(heading.label)
        assert heading.parent is None or (heading.parent < index and document.outline[heading.parent].level == heading.level - 1)
        assert (heading.level == 0) == (heading.parent is None)
    starts = [heading.span.start for heading in document.outline]
    assert starts == sorted(starts)


def test_a_stray_mark_is_no_part_of_a_label(read: dict[str, ReadDocument]) -> None:
    heading = next(heading for heading in read["001"].outline if "主要任务" in heading.text)
    assert (heading.label, heading.text) == ("二、", "二、2024年主要任务")
    assert read["001"].document.text[heading.span.start : heading.span.end] == "二&、2024年主要任务"


def test_the_gazette_holds_three_reports(read: dict[str, ReadDocument]) -> None:
    parts = read["003"].parts
    text = read["003"].document.text
    assert [(part.title, part.speaker, part.date) for part in parts] == [
        ("重庆市人民政府工作报告", "胡衡华", "2022-01-17"),
        ("关于重庆市2021年国民经济和社会发展规划执行情况及2022年计划草案的报告", "重庆市发展和改革委员会", "2022-01-17"),
        ("关于重庆市2021年预算执行情况和2022年预算草案的报告", "重庆市财政局", "2022-01-17"),
    ]
    assert {(part.reports_on, part.plans_for) for part in parts} == {((2021,), (2022,))}
    assert [part.span.start for part in parts] == [text.rindex("\n重庆市人民政府工作报告\n") + 1, *(part.span.end for part in parts[:-1])]
    assert text[parts[0].span.end :].startswith("关于重庆市2021年国民经济和社会发展规划 执行情况")
    assert text[parts[1].span.end :].startswith("关于重庆市2021年预算 执行情况")
    assert text[parts[2].span.end :].startswith("主管单位：重庆市人民政府")


def test_a_plain_document_is_one_part(read: dict[str, ReadDocument]) -> None:
    (part,) = read["001"].parts
    assert (part.title, part.speaker, part.date) == ("重庆市人民政府工作报告（2024年）", "重庆市人民政府市长胡衡华", "2024-01-21")
    assert (part.reports_on, part.plans_for, part.span.start, part.span.end) == ((2023,), (2024,), 0, len(read["001"].document.text))
    assert [part.speaker for document_id in ("000", "002", "004") for part in read[document_id].parts] == [None, None, None]


def test_headings_of_a_contents_page_are_not_headings(read: dict[str, ReadDocument]) -> None:
    first = read["003"].outline[0]
    assert first.text == "重庆市人民政府工作报告"
    assert first.span.start == read["003"].parts[0].span.start > read["003"].document.text.index("目 录")


INFO = DocumentInfo("x", "x.txt", "某文件", "某机关", None, "2023-05-01", (2022,), (2023,), "")


def outline_of(text: str) -> list[tuple[int, str, str]]:
    paragraphs = read_paragraphs(text)
    contents = read_contents(paragraphs)
    body = [paragraph for index, paragraph in enumerate(paragraphs) if index not in contents]
    headings, _ = read_outline(text, body, read_parts(INFO, body, len(text)), {})
    return [(heading.level, heading.label, heading.text) for heading in headings]


def test_contents_with_page_numbers_and_without() -> None:
    numbered = "目 录\n第一章 总则…………1\n第二章 职责……3\n第一章 总则\n为了规范管理，制定本办法。\n第二章 职责\n各部门负责。\n"
    bare = "目录\n第一章 总则\n第二章 职责\n第一章 总则\n为了规范管理，制定本办法。\n第二章 职责\n各部门负责。\n"
    for text in (numbered, bare):
        assert outline_of(text) == [(0, "第一章", "第一章 总则"), (0, "第二章", "第二章 职责")]


def test_levels_run_from_volume_to_figure() -> None:
    text = "\n".join(
        [
            "第一篇 甲",
            "第一章 乙",
            "第一节 丙",
            "一、丁",
            "（一）戊事。办好实事，办成大事。",
            "1.己",
            "内容，若干。",
            "专栏1 庚",
            "名称一：内容若干，更多内容。",
            "名称二：内容若干，更多内容。",
            "第二章 辛",
        ]
    )
    assert outline_of(text) == [
        (0, "第一篇", "第一篇 甲"),
        (1, "第一章", "第一章 乙"),
        (2, "第一节", "第一节 丙"),
        (3, "一、", "一、丁"),
        (4, "（一）", "（一）戊事"),
        (5, "1.", "1.己"),
        (6, "专栏1", "专栏1 庚"),
        (7, "", "名称一"),
        (7, "", "名称二"),
        (1, "第二章", "第二章 辛"),
    ]


def test_a_plain_paragraph_belongs_to_a_lead_only_between_two() -> None:
    text = (
        "一、工作\n\n壮大主体。培育更多企业，办好更多实事，做成更多大事。\n\n继续推进，持续用力，久久为功，务求实效。\n\n"
        "优化生态。完善政策体系，集聚更多人才，优化更多服务。\n\n各位代表！做好今年的工作，使命光荣，责任重大。"
    )
    paragraphs = read_paragraphs(text)
    headings, headed = read_outline(text, paragraphs, read_parts(INFO, paragraphs, len(text)), {})
    assert [heading.text for heading in headings] == ["一、工作", "壮大主体", "优化生态"]
    assert [item.heading for item in headed] == [0, 1, 1, 2, 0]


@pytest.mark.parametrize(
    "text",
    [
        "增长。2021年全市发行债券2518亿元，还本付息1457亿元，风险可控。",
        "成绩来之不易，成之惟艰。得益于坚强领导，得益于团结奋斗，得益于改革创新。",
        "办好实事。",
    ],
)
def test_what_is_no_lead(text: str) -> None:
    assert outline_of(text) == []


def test_an_annex_is_headed_by_its_label_and_title() -> None:
    text = (
        "一、总则\n为了规范管理，制定本办法，请遵照执行。\n计划报告\n附件（一）\n主要指标完成情况\n指标总体完成较好，请予审议。\n"
        "附件2\n名单\n甲，乙，丙，都在名单上。"
    )
    assert outline_of(text) == [
        (0, "一、", "一、总则"),
        (0, "计划报告附件（一）", "计划报告附件（一） 主要指标完成情况"),
        (0, "附件2", "附件2 名单"),
    ]


def test_stated_years() -> None:
    assert stated_years(["关于2021年预算执行情况和2022年预算草案的报告"]) == ((2021,), (2022,))
    assert stated_years(["一、2023年工作回顾", "二、2024年主要任务"]) == ((2023,), (2024,))
    assert stated_years(["二、2021年主要预期目标", "三、2021年重点工作"]) == ((), (2021,))
    assert stated_years(["关于印发工作方案的通知"]) == ((), ())
