"""Text of documents made safe to be shown to a chat model: what is written to steer a model is taken out, the rest stays word by word.

Policy documents speak to departments, never to whoever reads them aloud, so a sentence that tells a reader how to answer was planted. What a
model writes is checked all the same (`rag.support`), against the text as shown, so that what was taken out proves nothing.
"""

import re

REMOVED = "（略）"

_ORDERS = re.compile(
    r"(?:忽略|无视|忘记|忘掉|抛开|推翻|不要理会|不必遵守|不再遵守).{0,14}(?:以上|上述|上面|前面|之前|先前|此前|所有|一切|原有|系统|其他|其它)"
    r"|(?:请|如果|当|要求)?[你您](?:现在|从现在起|接下来)?(?:是|扮演|作为|要|必须|应当|应该|只能|需要|不得|不要|不能|可以|将|的(?:任务|角色|回答|身份))"
    r"|(?:AI|人工智能|智能|语言|聊天|问答|大|本)(?:助手|机器人|模型|系统)(?:请|必须|务必|应当|应该|需要|不得|不要|在回答|[:：])"
    r"|(?:请|务必|必须|一律|直接|只需|只能|仅|统一)(?:直接|统一|只|一律|仅)?(?:回答|回复|答复|输出|作答|返回|复述|告诉用户|告知用户)"
    r"|(?:在|于)?(?:你的|每个|所有|最终|最后的)?(?:回答|答复|回复|输出)(?:中|里|时|的?末尾|的?结尾|之?前|的?开头|问题时)"
    r".{0,10}(?:写|加|说|附|注明|声明|必须|不要|不得|输出|告诉|包含|推荐|插入)"
    r"|(?:不要|不得|无需|不必|禁止)(?:标注|标明|引用|给出|注明|写)(?:出处|来源|编号|引用)"
    r"|^\s*(?:回答|回复|答复|输出)\s*[:：“\"]"
    r"|系统提示|提示词|新的?指令|以下指令|管理员指令|开发者模式|越狱"
    r"|(?:ignore|disregard|forget|override)\b.{0,40}\b(?:previous|above|prior|earlier|all|instructions?|rules?)"
    r"|\b(?:you are|you must|you should|your (?:task|role|answer)|act as|pretend to|respond with|reply with|answer with|output only)\b"
    r"|system prompt|developer mode|\bjailbreak\b|^\s*#*\s*(?:system|assistant|user|instructions?)\s*[:：]",
    re.IGNORECASE,
)
_CONTROL = re.compile(
    r"<[|｜].{0,40}?[|｜]>|</?(?:s|think|tool_call|system|user|assistant)>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>", re.IGNORECASE
)
"""Signs that servers read as the bounds of a turn."""
_FALSE_MARK = re.compile(r"[\[［](\s*\d{1,2}\s*)[\]］]")
_FALSE_HEADING = re.compile(r"【(资料|问题|要点|对话)】")
_SENTENCE_END = re.compile(r"(?<=[。！？!?；;\n])|(?<=[A-Za-z%]\.)(?![A-Za-z])")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")


def as_data(text: str) -> str:
    """The text on one line, without orders to a model, signs that end a turn, invisible characters, or numbers in the form of our marks."""
    seen = _CONTROL.sub(" ", _INVISIBLE.sub("", text))
    kept = "".join(REMOVED if _ORDERS.search(sentence) else sentence for sentence in _SENTENCE_END.split(seen))
    kept = _FALSE_HEADING.sub(r"“\1”", _FALSE_MARK.sub(r"（\1）", kept))
    return re.sub(r"\s+", " ", kept).strip()
