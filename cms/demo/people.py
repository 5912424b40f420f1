"""Lives and faces of the demo's people. Whoever is not here is shown by initials."""

from dataclasses import dataclass

from cms.demo.portraits import Look


@dataclass(frozen=True, slots=True)
class Life:
    name_en: str
    biography_en: str
    biography_hi: str
    look: Look


LIVES = (
    Life(
        "Ira Deshmukh",
        "Ira Deshmukh was born in Nashik, two streets from the railway yard, and learned to tell the trains apart by their "
        "whistles. After ten years as a sound recordist she made The Night Ferry with a crew of nine. Her films take place "
        "between dusk and dawn; she says that people only tell the truth when they should be asleep.",
        "इरा देशमुख का जन्म नासिक में हुआ, रेलवे यार्ड से दो गली दूर, जहाँ उन्होंने सीटी से रेलगाड़ियाँ पहचानना सीखा। दस साल ध्वनि-अंकन करने के बाद "
        "उन्होंने नौ लोगों के साथ ‘रात का जहाज़’ बनाई। उनकी फ़िल्में साँझ और भोर के बीच घटती हैं; वे कहती हैं कि लोग सच तभी बोलते हैं जब उन्हें सो जाना चाहिए।",
        Look(("#3d2f6b", "#c86b5b"), "#c98e65", "#1f4e5f", "bob", glasses=True, earrings=True),
    ),
    Life(
        "Sharvari Kulkarni",
        "Sharvari Kulkarni came from the experimental stages of Pune, where she played eleven parts in one evening. The Night "
        "Train made her known for a face that keeps a secret and gives it away in the same moment.",
        "शर्वरी कुलकर्णी पुणे के प्रयोगशील रंगमंच से आई हैं, जहाँ वे एक ही शाम में ग्यारह किरदार निभाती थीं। ‘रात की रेल’ ने उन्हें उस चेहरे के लिए मशहूर किया जो "
        "एक ही पल में राज़ छिपाता भी है और खोल भी देता है।",
        Look(("#0e4f58", "#e0a458"), "#b87a50", "#8f2d56", "long", bindi=True, earrings=True, border="#f0c25a"),
    ),
    Life(
        "Naseer Bhatt",
        "Naseer Bhatt has been the stranger, the neighbour and the man who knows in more than sixty films. He mended clocks in "
        "Srinagar before he was asked to walk through a scene, and still repairs the ones on set.",
        "नसीर भट्ट साठ से ज़्यादा फ़िल्मों में अजनबी, पड़ोसी और राज़दार बने हैं। किसी दृश्य से होकर गुज़रने को कहे जाने से पहले वे श्रीनगर में घड़ियाँ सुधारते थे, "
        "और सेट की घड़ियाँ आज भी वही ठीक करते हैं।",
        Look(("#23304a", "#8a7a66"), "#d6a37c", "#4a3b32", "bald", "#e4e0da", beard="full", glasses=True),
    ),
    Life(
        "Pranav Joglekar",
        "Pranav Joglekar writes music for what is not said. He plays the harmonium, the piano and the rails: half of the score "
        "of The Night Train was recorded on a moving bridge.",
        "प्रणव जोगळेकर उस बात का संगीत लिखते हैं जो कही नहीं जाती। वे हारमोनियम, पियानो और पटरियाँ बजाते हैं: ‘रात की रेल’ का आधा संगीत एक चलते पुल पर "
        "रिकॉर्ड हुआ था।",
        Look(("#5a3d1e", "#d9a05b"), "#a96f48", "#2f5d50", "curls", beard="moustache"),
    ),
    Life(
        "Meher Kapadia",
        "Meher Kapadia draws her films on floors, with rice flour and light, and films them before the wind does. Rangoli took "
        "eleven festivals to finish.",
        "मेहर कपाड़िया अपनी फ़िल्में फ़र्श पर बनाती हैं, चावल के आटे और रोशनी से, और हवा से पहले उन्हें कैमरे में उतार लेती हैं। ‘रंगोली’ पूरी होने में ग्यारह त्योहार लगे।",
        Look(("#8a1c4a", "#ffb454"), "#cf9870", "#5a1fb0", "bun", bindi=True, earrings=True, border="#ff7ac2"),
    ),
    Life(
        "Tara Menon",
        "Tara Menon grew up on the Konkan coast in a house that the tide visited twice a day. She films weather the way others "
        "film faces: patiently, and from very near.",
        "तारा मेनन कोंकण के तट पर एक ऐसे घर में बड़ी हुईं जहाँ ज्वार दिन में दो बार मिलने आता था। दूसरे जैसे चेहरे फ़िल्माते हैं, वे मौसम फ़िल्माती हैं: धीरज से, और बहुत पास से।",
        Look(("#0b4a6f", "#f6a58a"), "#8f5a3c", "#e8e0d0", "long", earrings=True),
    ),
    Life(
        "Aditi Nambiar",
        "Aditi Nambiar was a radio announcer in Kozhikode when a director recognised her voice in a queue for tea. She moves "
        "between comedy and heartbreak without changing her pace.",
        "अदिति नांबियार कोझिकोड में रेडियो उद्घोषिका थीं, जब चाय की क़तार में एक निर्देशक ने उनकी आवाज़ पहचान ली। वे हँसी से टूटे दिल तक बिना रफ़्तार बदले चली जाती हैं।",
        Look(("#12305c", "#f29ca3"), "#c08457", "#d1495b", "long", bindi=True, earrings=True),
    ),
    Life(
        "Kunal Bakshi",
        "Kunal Bakshi climbs mountains between films and says that both are about breathing. He did every fall in Summit Line "
        "himself, most of them on purpose.",
        "कुणाल बख्शी फ़िल्मों के बीच पहाड़ चढ़ते हैं और कहते हैं कि दोनों में बात साँस की है। ‘शिखर रेखा’ में हर बार वे ख़ुद गिरे, ज़्यादातर जान-बूझकर।",
        Look(("#0a2c63", "#a9def5"), "#bd8259", "#c6502c", "parted"),
    ),
    Life(
        "Gopal Tiwari",
        "Gopal Tiwari sold tea for nineteen years before he played somebody who sells tea. Critics called it a revelation; his "
        "old customers say that the tea was better.",
        "गोपाल तिवारी ने उन्नीस साल चाय बेची, फिर एक चाय वाले का किरदार निभाया। समीक्षकों ने इसे चमत्कार कहा; पुराने ग्राहक कहते हैं कि चाय ज़्यादा अच्छी थी।",
        Look(("#6b3410", "#ffd08a"), "#9a6440", "#f1e3c4", "short", beard="moustache"),
    ),
    Life(
        "Rinchen Angmo",
        "Rinchen Angmo grew up in Leh, where the nearest cinema was two passes away. She studied physics, which she says is the "
        "same profession: waiting for something to answer.",
        "रिंचेन आंगमो लेह में पली-बढ़ीं, जहाँ सबसे नज़दीकी सिनेमा दो दर्रे दूर था। उन्होंने भौतिकी पढ़ी, और कहती हैं कि काम वही है: इंतज़ार करना कि कोई जवाब दे।",
        Look(("#12303a", "#4fb39a"), "#d9ab84", "#263a5e", "bun", glasses=True, earrings=True),
    ),
)  # fmt: skip
