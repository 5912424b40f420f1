"""The words the test catalogue is made of, English and Hindi side by side. People and stories are invented.

The Hindi sentences name people only with postpositions (को, के सामने), so that no verb has to agree with who they are.
"""

import random
from collections.abc import Callable

Pair = tuple[str, str]

GENRES: dict[str, Pair] = {
    "drama": ("Drama", "ड्रामा"),
    "thriller": ("Thriller", "थ्रिलर"),
    "comedy": ("Comedy", "कॉमेडी"),
    "romance": ("Romance", "रोमांस"),
    "action": ("Action", "एक्शन"),
    "family": ("Family", "परिवार"),
    "adventure": ("Adventure", "रोमांच"),
    "science-fiction": ("Science fiction", "विज्ञान कथा"),
    "horror": ("Horror", "हॉरर"),
    "documentary": ("Documentary", "वृत्तचित्र"),
    "animation": ("Animation", "एनिमेशन"),
    "sports": ("Sports", "खेल"),
}


def _pairs(text: str) -> list[Pair]:
    """Read "english|hindi" entries with commas between them."""
    return [(english, hindi) for english, hindi in (each.strip().split("|") for each in text.split(","))]


# Adjectives that Hindi does not inflect
ADJECTIVES = _pairs(
    "Red|लाल, White|सफ़ेद, Silent|ख़ामोश, Last|आख़िरी, Nameless|गुमनाम, Deserted|वीरान, Free|आज़ाद, Strange|अजीब, "
    "Stubborn|ज़िद्दी, Colourful|रंगीन, Sad|उदास, Real|असली, Empty|ख़ाली, False|नक़ली, Immortal|अमर, Innocent|मासूम, "
    "Swift|तेज़, Lost|ग़ायब, Restless|बेचैन, Secret|गुप्त, Precious|क़ीमती, Beautiful|ख़ूबसूरत, Fearless|निडर, "
    "Royal|शाही, Mad|पागल, Clever|चालाक, Unfinished|नामुकम्मल, Honest|ईमानदार, Dangerous|ख़तरनाक"
)
# English, Hindi, and how Hindi says "of" before it
NOUNS: list[tuple[str, str, str]] = [
    (english, hindi, of)
    for of, text in {
        "की": "River|नदी, Letter|चिट्ठी, Night|रात, Rain|बारिश, Boat|नाव, Photograph|तस्वीर, Bride|दुल्हन, Street|गली, "
        "Train|रेल, Book|किताब, Morning|सुबह, Evening|शाम, Key|चाबी, Promise|क़सम, Story|कहानी, Queen|रानी, "
        "Wall|दीवार, Road|सड़क, Haveli|हवेली, Kite|पतंग, Clock|घड़ी, Lamp|लालटेन",
        "का": "Mountain|पहाड़, House|मकान, Garden|बाग़, Bridge|पुल, Stranger|अजनबी, Witness|गवाह, City|शहर, Village|गाँव, "
        "Secret|राज़, Moon|चाँद, Sun|सूरज, Storm|तूफ़ान, Debt|क़र्ज़, Festival|त्योहार, Court|दरबार, Lawyer|वकील, Detective|जासूस, "
        "Postman|डाकिया, Poet|शायर, Magician|जादूगर, Desert|रेगिस्तान, Sea|समुद्र, Forest|जंगल, Mirror|आईना, Game|खेल, Dream|सपना",
        "के": "Brothers|भाई, Friends|दोस्त, Lovers|आशिक़, Thieves|चोर, Neighbours|पड़ोसी, Stars|सितारे, Days|दिन, Heroes|नायक, "
        "Colours|रंग, Footprints|निशान",
    }.items()
    for english, hindi in _pairs(text)
]
PLACES = _pairs(
    "Bhopal|भोपाल, Jaipur|जयपुर, Lucknow|लखनऊ, Varanasi|वाराणसी, Kolkata|कोलकाता, Shimla|शिमला, Mumbai|मुंबई, Delhi|दिल्ली, "
    "Pune|पुणे, Indore|इंदौर, Mysuru|मैसूरु, Kochi|कोच्चि, Chennai|चेन्नई, Udaipur|उदयपुर, Darjeeling|दार्जिलिंग, Nainital|नैनीताल, "
    "Amritsar|अमृतसर, Nagpur|नागपुर, Ranchi|राँची, Guwahati|गुवाहाटी, Srinagar|श्रीनगर, Jodhpur|जोधपुर, Kanpur|कानपुर, "
    "Hyderabad|हैदराबाद, Surat|सूरत, Gwalior|ग्वालियर, Mathura|मथुरा, Puri|पुरी, Leh|लेह, Panaji|पणजी"
)
FIRST_NAMES = _pairs(
    "Aarav|आरव, Aditi|अदिति, Akash|आकाश, Ananya|अनन्या, Anil|अनिल, Arjun|अर्जुन, Asha|आशा, Bhavna|भावना, Chitra|चित्रा, "
    "Deepak|दीपक, Devika|देविका, Dhruv|ध्रुव, Esha|ईशा, Farhan|फ़रहान, Gauri|गौरी, Gopal|गोपाल, Harish|हरीश, Hema|हेमा, "
    "Imran|इमरान, Indira|इंदिरा, Ishaan|ईशान, Jaya|जया, Jatin|जतिन, Kabir|कबीर, Kamala|कमला, Kavita|कविता, Kiran|किरण, "
    "Lakshmi|लक्ष्मी, Leela|लीला, Madhav|माधव, Manoj|मनोज, Maya|माया, Meera|मीरा, Mohan|मोहन, Nadia|नादिया, Nandini|नंदिनी, "
    "Naveen|नवीन, Neha|नेहा, Nikhil|निखिल, Noor|नूर, Om|ओम, Parvati|पार्वती, Pooja|पूजा, Pranav|प्रणव, Rahul|राहुल, Rekha|रेखा, "
    "Rohan|रोहन, Sameer|समीर, Sarita|सरिता, Shanti|शांति, Siddharth|सिद्धार्थ, Sunita|सुनीता, Tara|तारा, Uday|उदय, Usha|उषा, "
    "Varun|वरुण, Vidya|विद्या, Vikram|विक्रम, Yusuf|यूसुफ़, Zoya|ज़ोया"
)
SURNAMES = _pairs(
    "Agarwal|अग्रवाल, Ahluwalia|अहलूवालिया, Banerjee|बनर्जी, Bhatt|भट्ट, Bose|बोस, Chatterjee|चटर्जी, Chauhan|चौहान, Das|दास, "
    "Deshpande|देशपांडे, Dixit|दीक्षित, Gokhale|गोखले, Gupta|गुप्ता, Iyer|अय्यर, Jha|झा, Joshi|जोशी, Kapadia|कपाड़िया, "
    "Kulkarni|कुलकर्णी, Khatri|खत्री, Mathur|माथुर, Mehta|मेहता, Menon|मेनन, Mishra|मिश्रा, Mukherjee|मुखर्जी, Naidu|नायडू, "
    "Nair|नायर, Pandey|पांडे, Patel|पटेल, Patil|पाटिल, Pillai|पिल्लै, Qureshi|क़ुरैशी, Raghavan|राघवन, Rane|राणे, Rao|राव, "
    "Rathore|राठौर, Reddy|रेड्डी, Saxena|सक्सेना, Sen|सेन, Shetty|शेट्टी, Siddiqui|सिद्दीक़ी, Sodhi|सोढ़ी, Tiwari|तिवारी, "
    "Trivedi|त्रिवेदी, Varma|वर्मा, Verghese|वर्गीज़, Yadav|यादव, Zaveri|ज़वेरी"
)
# Towns made of two parts, and families named after them: the many rare words that a large catalogue has.
TOWNS = [
    (start + end, start_hi + end_hi)
    for start, start_hi in _pairs(
        "Ram|राम, Sita|सीता, Chand|चाँद, Dev|देव, Raj|राज, Gopal|गोपाल, Kishan|किशन, Hari|हरि, Shiv|शिव, Lal|लाल, Moti|मोती, "
        "Sona|सोना, Hira|हीरा, Sultan|सुल्तान, Bahadur|बहादुर, Fateh|फ़तेह, Jalal|जलाल, Mir|मीर, Sher|शेर, Nawab|नवाब, Begum|बेगम, "
        "Rani|रानी, Raja|राजा, Prem|प्रेम, Anand|आनंद, Vijay|विजय, Surya|सूर्य, Indra|इंद्र, Govind|गोविंद, Madho|माधो, "
        "Narayan|नारायण, Brahma|ब्रह्म, Kamal|कमल, Tulsi|तुलसी, Ganga|गंगा, Jamuna|जमुना, Amar|अमर, Jai|जय, Bal|बाल, Durga|दुर्गा"
    )
    for end, end_hi in _pairs(
        "pur|पुर, garh|गढ़, nagar|नगर, ganj|गंज, gaon|गाँव, wadi|वाड़ी, kot|कोट, tala|ताला, khera|खेड़ा, sarai|सराय, ghat|घाट, "
        "bagh|बाग़, giri|गिरि, patti|पट्टी, kund|कुंड, dih|डीह"
    )
]
FAMILIES = [
    (f"{town}{end}", f"{town_hi}{end_hi}") for town, town_hi in TOWNS for end, end_hi in _pairs("kar|कर, wala|वाला")
]
LANGUAGES = ["hi"] * 12 + ["en"] * 4 + ["ta", "te", "mr", "bn", "ml"]

# By genre: how it begins. {who} and {place} are filled in.
OPENINGS: dict[str, list[Pair]] = {
    "drama": [
        ("In {place}, {who} finds a letter that was posted thirty years ago.",
         "{place} में {who} को तीस साल पहले डाली गई एक चिट्ठी मिलती है।"),
        ("{who} returns to {place} to sell the family house, and finds it full of people.",
         "{place} का पुश्तैनी मकान बेचने की घड़ी में {who} को वह लोगों से भरा मिलता है।"),
    ],
    "thriller": [
        ("A witness disappears from a hospital in {place}, and {who} has one night to find out why.",
         "{place} के अस्पताल से एक गवाह ग़ायब है, और {who} के पास वजह जानने के लिए बस एक रात है।"),
        ("Every Friday somebody in {place} sends {who} a photograph of a crime that has not happened yet.",
         "हर शुक्रवार {place} से {who} को एक ऐसे जुर्म की तस्वीर मिलती है जो अभी हुआ ही नहीं।"),
    ],
    "comedy": [
        ("By mistake {who} becomes the mayor of {place} for a week.",
         "ग़लती से {who} को एक हफ़्ते के लिए {place} की मेयर की कुर्सी मिल जाती है।"),
        ("Three weddings, one hall in {place}, and {who} has the only key.",
         "तीन शादियाँ, {place} में एक ही हॉल, और चाबी सिर्फ़ {who} के पास।"),
    ],
    "romance": [
        ("On a rainy platform in {place}, {who} is handed a stranger's umbrella.",
         "{place} के भीगे प्लेटफ़ॉर्म पर {who} को एक अजनबी का छाता मिलता है।"),
        ("For seven years {who} has had the same seat on the last bus of {place}; today it is taken.",
         "{place} की आख़िरी बस में सात साल से {who} की एक ही सीट है; आज उस पर कोई और है।"),
    ],
    "action": [
        ("The port of {place} is locked down, and {who} is on the wrong side of the gate.",
         "{place} की नाकाबंदी हो चुकी है, और {who} के सामने फाटक बंद है।"),
        ("Somebody has stolen the gold of {place}. The police have only one name: {who}.",
         "{place} का सोना चोरी हो गया है। पुलिस के पास एक ही नाम है: {who}।"),
    ],
    "family": [
        ("The smallest house in {place} gets its biggest guest, and {who} has to hide an elephant.",
         "{place} के सबसे छोटे घर में सबसे बड़ा मेहमान आता है: {who} को एक हाथी छिपाना है।"),
        ("Grandmother's radio in {place} begins to answer, and only {who} is listening.",
         "{place} में दादी का रेडियो जवाब देने लगता है, और सुनना सिर्फ़ {who} को आता है।"),
    ],
    "adventure": [
        ("An old map of {place} shows a road that is not there, and {who} has ten days to walk it.",
         "{place} के पुराने नक़्शे में एक सड़क है जो कहीं नहीं है, और {who} के पास उसे पार करने को दस दिन हैं।"),
        ("North of {place} a river has changed its course. {who} has the last boat.",
         "{place} के उत्तर में नदी ने रास्ता बदल लिया है। आख़िरी नाव {who} के पास है।"),
    ],
    "science-fiction": [
        ("A satellite above {place} repeats one sentence in the voice of {who}.",
         "{place} के ऊपर एक उपग्रह एक ही वाक्य दोहराता है, और आवाज़ {who} की है।"),
        ("In the year 2090 {place} has no night. {who} is paid to remember it.",
         "सन 2090 में {place} में रात नहीं होती। उसे याद रखना {who} का काम है।"),
    ],
    "horror": [
        ("The well behind the school of {place} was closed for a reason, and {who} has opened it.",
         "{place} के स्कूल के पीछे का कुआँ किसी वजह से बंद था, और अब {who} के सामने खुला है।"),
        ("Nobody in {place} answers the door after dark. {who} is new there.",
         "अँधेरे के बाद {place} में कोई दरवाज़ा नहीं खोलता। {who} के लिए यह शहर नया है।"),
    ],
    "documentary": [
        ("For one year a camera follows {who} and the night shift of {place}.",
         "पूरे एक साल कैमरा {who} के और {place} की रात की पाली के साथ चलता है।"),
        ("What is left of the weavers of {place}, told by {who}, who kept their books.",
         "{place} के बुनकरों का क्या बचा: उनका हिसाब रखने का काम {who} के पास था।"),
    ],
    "animation": [
        ("A paper tiger from a shop in {place} comes alive, and {who} has no pocket large enough.",
         "{place} की दुकान का काग़ज़ी बाघ जाग उठता है, और {who} के पास उतनी बड़ी जेब नहीं।"),
        ("The clouds over {place} have lost their shapes, so {who} begins to draw.",
         "{place} के बादलों के आकार खो गए हैं, और {who} के हाथ में एक पेंसिल है।"),
    ],
    "sports": [
        ("The worst team of {place} gets {who} as its trainer, and one season to stay alive.",
         "{place} की सबसे कमज़ोर टीम को {who} के रूप में नया कोच मिलता है, और बचने के लिए एक सीज़न।"),
        ("Eleven players from {place} and one borrowed bat: for {who} that has to be enough.",
         "{place} के ग्यारह खिलाड़ी और एक उधार का बल्ला: {who} के लिए यही काफ़ी है।"),
    ],
}  # fmt: skip
TURNS = [
    ("What looks like an accident leads to {other}, who has been waiting for exactly this.",
     "जो हादसा लगता है, उसका सिरा {other} तक जाता है, और वहाँ इसी पल का इंतज़ार था।"),
    ("Then {other} appears with the same story, word for word.", "फिर {other} के पास से वही कहानी निकलती है, शब्द-दर-शब्द।"),
    ("Only {other} believes it, and {other} wants something in return.", "यक़ीन सिर्फ़ {other} को है, और बदले में कुछ चाहिए भी।"),
    ("The whole town takes sides, and {other} keeps the score.", "सारा शहर दो हिस्सों में बँट जाता है, और हिसाब {other} के पास है।"),
    ("There is one rule, made by {other}: nobody may ask why.", "नियम एक ही है, और {other} का बनाया हुआ: वजह कोई नहीं पूछेगा।"),
    ("An old friend, {other}, knows the way, but not the price.", "पुरानी दोस्ती {other} से है, जिसे रास्ता पता है, क़ीमत नहीं।"),
    ("The truth is in a house that {other} has kept locked for twenty years.",
     "सच उस घर में है जिस पर {other} का ताला बीस साल से लगा है।"),
    ("From now on every call comes from {other}, even the ones in the middle of the night.",
     "अब हर फ़ोन {other} का होता है, आधी रात का भी।"),
]  # fmt: skip
ENDINGS = [
    ("By morning nothing will be where it was.", "सुबह तक कुछ भी अपनी जगह पर नहीं रहेगा।"),
    ("Some doors open only once.", "कुछ दरवाज़े सिर्फ़ एक बार खुलते हैं।"),
    ("It is the longest monsoon anybody can remember.", "यह सबकी याद में सबसे लंबी बरसात है।"),
    ("And the train leaves at five.", "और गाड़ी पाँच बजे छूटती है।"),
    ("Whoever laughs last has to pay for the tea.", "जो आख़िर में हँसे, चाय के पैसे वही दे।"),
    ("What remains is a song that nobody wrote.", "जो बचता है, वह एक गीत है जिसे किसी ने नहीं लिखा।"),
    ("The price is higher than the prize.", "क़ीमत इनाम से बड़ी है।"),
    ("There is no way back, and only one way on.", "लौटने का रास्ता नहीं है, आगे का बस एक है।"),
]
EPISODES = _pairs(
    "The Arrival|आगमन, A Knock|दस्तक, The First Lie|पहला झूठ, Two Keys|दो चाबियाँ, The Guest|मेहमान, Midnight|आधी रात, "
    "The Witness|गवाह, Old Debts|पुराने क़र्ज़, Monsoon|बरसात, The Photograph|तस्वीर, Crossing|पार, No Signal|कोई संकेत नहीं, "
    "The Bargain|सौदा, Seven Steps|सात क़दम, Fire|आग, The Return|वापसी, Half a Truth|आधा सच, The Festival|त्योहार, "
    "Long Shadows|लंबी परछाइयाँ, The Last Train|आख़िरी रेल, Dawn|भोर, The Letter|चिट्ठी, Open Door|खुला दरवाज़ा, The Game|खेल"
)

# --- matches ---------------------------------------------------------------------------------------------------------

SIDES = _pairs(
    "Falcons|फ़ाल्कन्स, Tigers|टाइगर्स, Rovers|रोवर्स, Royals|रॉयल्स, Chargers|चार्जर्स, Wanderers|वांडरर्स, Comets|कॉमेट्स, "
    "Lions|लायंस, Strikers|स्ट्राइकर्स, Titans|टाइटन्स"
)


def _short(side: str) -> str:
    return side[:3].upper()


def _cricket(dice: random.Random, home: str, away: str) -> str:
    first = dice.randint(128, 214)
    runs, wickets = first + dice.randint(-30, 4), dice.randint(3, 9)
    return f"{_short(home)} {first}/{dice.randint(3, 9)} · {_short(away)} {runs}/{wickets}"


def _goals(dice: random.Random, home: str, away: str) -> str:
    return f"{_short(home)} {dice.randint(0, 4)}–{dice.randint(0, 4)} {_short(away)}"


def _raids(dice: random.Random, home: str, away: str) -> str:
    return f"{_short(home)} {dice.randint(22, 44)}–{dice.randint(22, 44)} {_short(away)}"


Score = Callable[[random.Random, str, str], str]
COMPETITIONS: list[tuple[str, str, Score]] = [
    ("Monsoon Cricket League", "मानसून क्रिकेट लीग", _cricket),
    ("Ganga Trophy", "गंगा ट्रॉफ़ी", _cricket),
    ("National Football Shield", "राष्ट्रीय फ़ुटबॉल शील्ड", _goals),
    ("City Hockey Cup", "सिटी हॉकी कप", _goals),
    ("Mat Masters Kabaddi", "मैट मास्टर्स कबड्डी", _raids),
]

# --- lives: where from, how it began, what followed ------------------------------------------------------------------

BIOGRAPHIES: list[list[Pair]] = [
    [
        ("{name} was born in {place}, above a shop that sold radios.", "{name} का जन्म {place} में हुआ, रेडियो की एक दुकान के ऊपर।"),
        ("The stage came first: {name} grew up with a travelling theatre around {place}.",
         "शुरुआत मंच से हुई: {name} का बचपन {place} के आसपास एक घुमंतू नाटक मंडली में बीता।"),
        ("{name} comes from {place}, from a family of teachers.", "{name} का परिवार {place} का है, जहाँ सब अध्यापक रहे हैं।"),
        ("{name} studied law in {place} and left it a month before the examination.",
         "{name} की पढ़ाई {place} में क़ानून की थी, जो परीक्षा से एक महीना पहले छूट गई।"),
    ],
    [
        ("The first film followed in {year}, made with borrowed cameras.", "पहली फ़िल्म {year} में बनी, उधार के कैमरों से।"),
        ("In {year} a short film went round the festivals and opened the first doors.",
         "{year} में एक छोटी फ़िल्म ने समारोहों में जगह पाई और पहले दरवाज़े खोले।"),
        ("Since {year} there has hardly been a year without a new work.", "{year} के बाद शायद ही कोई साल नए काम के बिना गुज़रा हो।"),
        ("A small part on television in {year} was meant to be the only one.", "{year} में टेलीविज़न का एक छोटा-सा काम इकलौता होना था।"),
    ],
    [
        ("The audience knows the quiet moments best.", "दर्शकों को सबसे ज़्यादा ख़ामोश पल याद रहते हैं।"),
        ("Between two films there is a garden to look after.", "दो फ़िल्मों के बीच एक बाग़ की देखभाल होती है।"),
        ("Awards stand on a shelf in the kitchen, next to the spices.", "पुरस्कार रसोई की अलमारी में मसालों के पास रखे हैं।"),
        ("Work is done in four languages, dreams in one.", "काम चार भाषाओं में होता है, सपने एक में।"),
    ],
]  # fmt: skip
