"""What the demo shows: titles, people and words. All of it is invented, except the four free films from elsewhere."""

from datetime import UTC, date, datetime, timedelta

from accounts.enums import Maturity
from catalog.enums import Kind, Placement, Role, Tier
from cms.demo.entry import Chapter, Entry, Made, Match, Shelf

U, UA, A = Maturity.U, Maturity.UA, Maturity.A
DIRECTOR, ACTOR, WRITER, MUSIC, CAMERA = Role.DIRECTOR, Role.ACTOR, Role.WRITER, Role.MUSIC, Role.CINEMATOGRAPHY

GENRES = {
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


MOVIES = (
    Entry(
        "the-night-train", "The Night Train", "रात की रेल",
        "The last train through the valley carries a schoolteacher home, a letter she has not opened, and a stranger who "
        "knows what it says. Between midnight and dawn there are eleven stations, and each one asks for a decision.",
        "घाटी से गुज़रती आख़िरी रेल में घर लौटती एक अध्यापिका है, एक बंद ख़त है, और एक अजनबी जो जानता है कि उसमें क्या लिखा है। "
        "आधी रात और भोर के बीच ग्यारह स्टेशन हैं, और हर स्टेशन एक फ़ैसला माँगता है।",
        date(2026, 9, 18), ("drama", "thriller"), U,
        credits=(
            Made(DIRECTOR, "Ira Deshmukh", "इरा देशमुख"),
            Made(ACTOR, "Sharvari Kulkarni", "शर्वरी कुलकर्णी", "Asha, the teacher", "आशा, अध्यापिका"),
            Made(ACTOR, "Naseer Bhatt", "नसीर भट्ट", "The stranger", "अजनबी"),
            Made(MUSIC, "Pranav Joglekar", "प्रणव जोगळेकर"),
        ),
        follows="the-night-ferry",
    ),
    Entry(
        "rangoli", "Rangoli", "रंगोली",
        "A film without words. For one festival night a courtyard in Pune turns into a wheel of colour, petal by petal, "
        "until nobody can say where the floor ends and the music begins.",
        "बिना शब्दों की एक फ़िल्म। त्योहार की एक रात पुणे का एक आँगन पंखुड़ी-दर-पंखुड़ी रंगों के चक्र में बदल जाता है, जब तक यह कहना मुश्किल न हो जाए "
        "कि फ़र्श कहाँ ख़त्म होता है और संगीत कहाँ शुरू।",
        date(2026, 10, 30), ("family", "animation"), U,
        credits=(Made(DIRECTOR, "Meher Kapadia", "मेहर कपाड़िया"), Made(MUSIC, "Leela Raghavan", "लीला राघवन")),
        leaves_in=timedelta(days=6),
    ),
    Entry(
        "seven-rains", "Seven Rains", "सात बारिशें",
        "They meet under one umbrella, part at a bus stop, and meet again every monsoon for seven years. A love story told "
        "only on the days when it rains.",
        "एक छाते के नीचे मुलाक़ात, बस अड्डे पर जुदाई, और फिर सात साल तक हर बरसात में मिलना। एक प्रेम कहानी, जो सिर्फ़ बारिश के दिनों में कही गई है।",
        date(2026, 7, 3), ("romance", "drama"), UA,
        credits=(
            Made(DIRECTOR, "Tara Menon", "तारा मेनन"),
            Made(ACTOR, "Aditi Nambiar", "अदिति नांबियार", "Meera", "मीरा"),
            Made(ACTOR, "Kunal Bakshi", "कुणाल बख्शी", "Dev", "देव"),
            Made(CAMERA, "Savita Rane", "सविता राणे"),
        ),
    ),
    Entry(
        "ghost-signal", "Ghost Signal", "भूत संकेत",
        "A telescope in Ladakh picks up a voice that has been on its way for forty years. It asks for one engineer by name: "
        "she was born last night.",
        "लद्दाख की एक दूरबीन को एक आवाज़ मिलती है जो चालीस साल से रास्ते में थी। वह एक इंजीनियर का नाम लेकर पुकारती है, जो कल रात ही पैदा हुई है।",
        date(2026, 8, 14), ("science-fiction", "thriller"), UA,
        credits=(
            Made(DIRECTOR, "Arvind Pillai", "अरविंद पिल्लै"),
            Made(ACTOR, "Rinchen Angmo", "रिंचेन आंगमो", "Dr Padma", "डॉ. पद्मा"),
            Made(WRITER, "Ishaan Verghese", "ईशान वर्गीज़"),
        ),
    ),
    Entry(
        "the-salt-road", "The Salt Road", "नमक की राह",
        "Five camels, two brothers and a debt older than both of them. They cross the white desert by its forgotten road, "
        "because the new one belongs to the man they owe.",
        "पाँच ऊँट, दो भाई और उन दोनों से पुराना एक क़र्ज़। वे सफ़ेद रेगिस्तान को उसके भूले हुए रास्ते से पार करते हैं, क्योंकि नया रास्ता उसी आदमी का है "
        "जिसके वे क़र्ज़दार हैं।",
        date(2025, 12, 12), ("adventure", "drama"), U,
        credits=(
            Made(DIRECTOR, "Yusuf Khatri", "यूसुफ़ खत्री"),
            Made(ACTOR, "Bhavesh Rabari", "भावेश रबारी", "Jivan", "जीवन"),
            Made(ACTOR, "Imran Sumra", "इमरान सुमरा", "Hasan", "हसन"),
        ),
    ),
    Entry(
        "iron-tide", "Iron Tide", "लोहे की लहर",
        "A freighter without a crew sails into Mumbai harbour on time to the minute. The pilot who boards it has until the "
        "next tide to find out who is steering.",
        "बिना चालक दल का एक मालवाहक जहाज़ ठीक समय पर मुंबई बंदरगाह में दाख़िल होता है। उस पर चढ़ने वाले पायलट के पास अगले ज्वार तक का समय है "
        "यह जानने के लिए कि जहाज़ चला कौन रहा है।",
        date(2026, 10, 2), ("action", "thriller"), UA, tier=Tier.PREMIUM,
        credits=(
            Made(DIRECTOR, "Kabir Rathore", "कबीर राठौर"),
            Made(ACTOR, "Neel D’Cunha", "नील डिकुन्हा", "Captain Lobo", "कप्तान लोबो"),
            Made(ACTOR, "Sharvari Kulkarni", "शर्वरी कुलकर्णी", "Inspector Gauri", "इंस्पेक्टर गौरी"),
        ),
    ),
    Entry(
        "chai-at-midnight", "Chai at Midnight", "आधी रात की चाय",
        "Everybody who cannot sleep in Indore ends up at Bunty’s stall. Tonight that is a runaway groom, a news anchor "
        "without a voice, and the burglar who robbed them both.",
        "इंदौर में जिसे नींद नहीं आती, वह बंटी की टपरी पर पहुँच जाता है। आज रात वहाँ हैं: मंडप से भागा दूल्हा, बिना आवाज़ की समाचार वाचिका, और वह चोर "
        "जिसने दोनों को लूटा है।",
        date(2026, 5, 22), ("comedy", "romance"), UA,
        credits=(
            Made(DIRECTOR, "Farah Sodhi", "फ़राह सोढ़ी"),
            Made(ACTOR, "Gopal Tiwari", "गोपाल तिवारी", "Bunty", "बंटी"),
            Made(ACTOR, "Aditi Nambiar", "अदिति नांबियार", "Rukhsar", "रुख़सार"),
        ),
    ),
    Entry(
        "the-clockmaker", "The Clockmaker", "घड़ीसाज़",
        "When the great clock of the old city stops, its keeper is the only one who notices that the day has not ended. He "
        "has one night to mend it, and it will last as long as he needs.",
        "पुराने शहर की बड़ी घड़ी रुकती है, तो सिर्फ़ उसका रखवाला देख पाता है कि दिन ख़त्म ही नहीं हुआ। उसे ठीक करने को उसके पास एक रात है, और वह रात उतनी ही "
        "लंबी होगी जितनी उसे चाहिए।",
        date(2024, 11, 8), ("drama", "family"), U,
        credits=(
            Made(DIRECTOR, "Zoya Qureshi", "ज़ोया क़ुरैशी"),
            Made(ACTOR, "Naseer Bhatt", "नसीर भट्ट", "Ustad Karim", "उस्ताद करीम"),
        ),
    ),
    Entry(
        "tiffin-to-the-stars", "Tiffin to the Stars", "सितारों तक टिफ़िन",
        "A dabbawala never loses a lunch box. So when one is put aboard a rocket by mistake, there is only one thing Mr Pawar "
        "can do, and the space agency is not going to like it.",
        "डब्बावाला कभी डब्बा नहीं खोता। इसलिए जब एक डब्बा ग़लती से रॉकेट में चला जाता है, तो पवार जी के पास एक ही रास्ता बचता है, और अंतरिक्ष एजेंसी को वह "
        "पसंद नहीं आएगा।",
        date(2026, 4, 10), ("comedy", "science-fiction", "family"), U,
        credits=(
            Made(DIRECTOR, "Rohan Iyer", "रोहन अय्यर"),
            Made(ACTOR, "Gopal Tiwari", "गोपाल तिवारी", "Mr Pawar", "पवार जी"),
            Made(WRITER, "Ishaan Verghese", "ईशान वर्गीज़"),
        ),
    ),
    Entry(
        "paper-kites", "Paper Kites", "काग़ज़ की पतंगें",
        "Two sisters on a roof in Ahmedabad, one string, and a kite that answers letters. Everything they write on it in the "
        "morning comes true by evening, a little differently.",
        "अहमदाबाद की एक छत, दो बहनें, एक डोर, और एक पतंग जो ख़तों का जवाब देती है। सुबह जो लिखो, शाम तक सच हो जाता है, बस ज़रा-सा अलग।",
        date(2026, 1, 14), ("family", "drama"), U,
        credits=(Made(DIRECTOR, "Nandini Rao", "नंदिनी राव"), Made(ACTOR, "Myra Solanki", "मायरा सोलंकी", "Pinky", "पिंकी")),
    ),
    Entry(
        "black-orchard", "Black Orchard", "काला बाग़",
        "Nothing has grown in the orchard for thirty years, yet every morning there is one ripe apple on the doorstep. The new "
        "owner makes the mistake of being polite and eating it.",
        "तीस साल से बाग़ में कुछ नहीं उगा, फिर भी हर सुबह चौखट पर एक पका सेब मिलता है। नई मालकिन तहज़ीब में उसे खा लेने की भूल करती है।",
        date(2025, 10, 31), ("horror", "thriller"), A,
        credits=(
            Made(DIRECTOR, "Dev Chatterjee", "देव चटर्जी"),
            Made(ACTOR, "Rinchen Angmo", "रिंचेन आंगमो", "Noor", "नूर"),
        ),
    ),
    Entry(
        "summit-line", "Summit Line", "शिखर रेखा",
        "Above eight thousand metres you carry only what you cannot leave behind. Four climbers, one rope, and a radio that "
        "still answers from a camp the avalanche took a year ago.",
        "आठ हज़ार मीटर के ऊपर आदमी वही ढोता है जिसे छोड़ नहीं सकता। चार पर्वतारोही, एक रस्सी, और एक रेडियो जो उस शिविर से अब भी जवाब देता है जिसे बर्फ़ "
        "एक साल पहले ले गई थी।",
        date(2026, 11, 6), ("adventure", "action"), UA, language="en", tier=Tier.UNLOCK, price_minor=9900,
        credits=(
            Made(DIRECTOR, "Tenzin Dorje", "तेनज़िन दोरजे"),
            Made(ACTOR, "Kunal Bakshi", "कुणाल बख्शी", "Arjun", "अर्जुन"),
            Made(CAMERA, "Savita Rane", "सविता राणे"),
        ),
    ),
)  # fmt: skip

# With The Night Train: four nights of one director, of which the last is still to come.
NIGHTS = (
    Entry(
        "the-night-ferry", "The Night Ferry", "रात का जहाज़",
        "The ferry to the island leaves at eleven with forty lit windows, two hundred passengers and one name too many on the "
        "list. The captain counts again, and again somebody is there who never came aboard.",
        "टापू का जहाज़ रात ग्यारह बजे निकलता है: चालीस रोशन खिड़कियाँ, दो सौ मुसाफ़िर, और सूची में एक नाम ज़्यादा। कप्तान फिर से गिनता है, और फिर कोई है "
        "जो कभी चढ़ा ही नहीं।",
        date(2022, 9, 16), ("drama", "thriller"), UA,
        credits=(
            Made(DIRECTOR, "Ira Deshmukh", "इरा देशमुख"),
            Made(ACTOR, "Naseer Bhatt", "नसीर भट्ट", "The captain", "कप्तान"),
            Made(ACTOR, "Aditi Nambiar", "अदिति नांबियार", "Passenger 201", "मुसाफ़िर 201"),
            Made(MUSIC, "Pranav Joglekar", "प्रणव जोगळेकर"),
        ),
    ),
    Entry(
        "the-night-bus", "The Night Bus", "रात की बस",
        "Twenty-six hairpin bends between the valley and the pass, and a driver who has promised to stay awake. At every bend "
        "a passenger tells a story to help him; the last one is about the driver.",
        "घाटी और दर्रे के बीच छब्बीस मोड़ हैं, और एक ड्राइवर जिसने जागते रहने का वादा किया है। हर मोड़ पर कोई मुसाफ़िर उसे जगाए रखने को एक कहानी सुनाता है; "
        "आख़िरी कहानी उसी ड्राइवर की है।",
        date(2024, 9, 20), ("drama", "thriller"), UA,
        credits=(
            Made(DIRECTOR, "Ira Deshmukh", "इरा देशमुख"),
            Made(ACTOR, "Gopal Tiwari", "गोपाल तिवारी", "The driver", "ड्राइवर"),
            Made(ACTOR, "Sharvari Kulkarni", "शर्वरी कुलकर्णी", "Seat nine", "सीट नंबर नौ"),
            Made(MUSIC, "Pranav Joglekar", "प्रणव जोगळेकर"),
        ),
        follows="the-night-ferry",
    ),
    Entry(
        "the-night-market", "The Night Market", "रात का बाज़ार",
        "Once a year the market behind the old mill stays open until morning and sells only what somebody has lost. A girl has "
        "twelve rupees, and her grandfather’s voice lies on the last stall.",
        "साल में एक बार पुरानी मिल के पीछे का बाज़ार सुबह तक खुला रहता है और सिर्फ़ वही बेचता है जो किसी ने खोया हो। एक लड़की के पास बारह रुपये हैं, और आख़िरी दुकान पर "
        "उसके दादा की आवाज़ रखी है।",
        None, ("drama", "family"), U,
        credits=(
            Made(DIRECTOR, "Ira Deshmukh", "इरा देशमुख"),
            Made(ACTOR, "Myra Solanki", "मायरा सोलंकी", "Juhi", "जूही"),
            Made(ACTOR, "Naseer Bhatt", "नसीर भट्ट", "The stallkeeper", "दुकानदार"),
            Made(MUSIC, "Pranav Joglekar", "प्रणव जोगळेकर"),
        ),
        follows="the-night-ferry",
        opens_in=timedelta(days=33),
    ),
)  # fmt: skip

HARBOUR_CUP = ("Harbour Cup", "हार्बर कप")
GROUND = ("Old Docks Ground, Mumbai", "ओल्ड डॉक्स मैदान, मुंबई")
SPORTS = (
    Entry(
        "final-over", "Final Over: The Replay", "आख़िरी ओवर: रीप्ले",
        "Six balls, nine runs, one wicket in hand: the last over of the Harbour Cup as the cameras and the crowd saw it.",
        "छह गेंदें, नौ रन, एक विकेट बाक़ी: हार्बर कप का आख़िरी ओवर, जैसा कैमरों और दर्शकों ने देखा।",
        date(2026, 11, 1), ("sports",), U, kind=Kind.SPORTS, language="en",
        credits=(Made(DIRECTOR, "Harbour Sports Unit", "हार्बर स्पोर्ट्स यूनिट"),),
        match=Match(
            *HARBOUR_CUP, "Harbour", "हार्बर", "Lighthouse XI", "लाइटहाउस इलेवन", *GROUND,
            datetime(2026, 11, 1, 14, 0, tzinfo=UTC), "HAR 163/9 · LGT 159/6",
        ),
    ),
    Entry(
        "first-ball", "First Ball: Harbour v Mill Town", "पहली गेंद: हार्बर बनाम मिल टाउन",
        "The champions open the new season at home, against the eleven who have waited for this since last year’s semi-final.",
        "चैंपियन नए सत्र की शुरुआत अपने मैदान पर करते हैं, उन ग्यारह के ख़िलाफ़ जिन्हें पिछले साल के सेमीफ़ाइनल से इसी दिन का इंतज़ार है।",
        None, ("sports",), U, kind=Kind.SPORTS, language="en",
        credits=(Made(DIRECTOR, "Harbour Sports Unit", "हार्बर स्पोर्ट्स यूनिट"),),
        opens_in=timedelta(days=12),
        match=Match(*HARBOUR_CUP, "Harbour", "हार्बर", "Mill Town", "मिल टाउन", *GROUND),
    ),
)  # fmt: skip

SERIES = (
    Entry(
        "tideline", "Tideline", "किनारा",
        "One beach on the Konkan coast, watched for a single day: four hours, four lights, four films about the sea and the "
        "people who read it.",
        "कोंकण का एक समुद्र तट, एक ही दिन का साथ: चार पहर, चार रोशनियाँ, समुद्र और उसे पढ़ने वालों पर चार फ़िल्में।",
        date(2026, 10, 9), ("documentary", "drama"), U, kind=Kind.SERIES,
        credits=(Made(DIRECTOR, "Tara Menon", "तारा मेनन"), Made(MUSIC, "Pranav Joglekar", "प्रणव जोगळेकर")),
        chapters=(
            Chapter(1, 1, "Dawn", "भोर", "The first boats go out while the water is still violet.",
                    "पानी अभी बैंगनी है और पहली नावें निकल पड़ती हैं।", date(2026, 10, 9)),
            Chapter(1, 2, "Dusk", "साँझ", "The boats come back, and the sea keeps what it was promised.",
                    "नावें लौटती हैं, और समुद्र वह रख लेता है जिसका वादा था।", date(2026, 10, 16)),
            Chapter(1, 3, "Noon", "दोपहर", "Nets are mended and stories are told under the only tree on the beach.",
                    "तट के इकलौते पेड़ के नीचे जाल बुने जाते हैं और क़िस्से सुनाए जाते हैं।", date(2026, 10, 23)),
            Chapter(1, 4, "Night", "रात", "When the tide glows, nobody in the village sleeps.",
                    "जब लहरें चमकती हैं, गाँव में कोई नहीं सोता।", date(2026, 10, 30)),
        ),
    ),
    Entry(
        "sector-21", "Sector 21", "सेक्टर 21",
        "In a city that never switches off, somebody is deleting people: first their records, then their names, then the "
        "memory of them. Inspector Sen is looking for a man only she remembers.",
        "एक शहर जो कभी बुझता नहीं, और कोई लोगों को मिटा रहा है: पहले काग़ज़ात, फिर नाम, फिर उनकी याद। इंस्पेक्टर सेन उस आदमी को ढूँढ रही हैं जो "
        "अब सिर्फ़ उन्हें याद है।",
        date(2026, 6, 12), ("thriller", "science-fiction"), UA, kind=Kind.SERIES,
        credits=(
            Made(DIRECTOR, "Anjali Bose", "अंजलि बोस"),
            Made(ACTOR, "Mitali Sen", "मिताली सेन", "Inspector Sen", "इंस्पेक्टर सेन"),
            Made(ACTOR, "Neel D’Cunha", "नील डिकुन्हा", "Zero", "ज़ीरो"),
        ),
        chapters=(
            Chapter(1, 1, "The Missing Name", "गुम नाम", "A tenant disappears and his neighbours insist the flat was always empty.",
                    "एक किरायेदार ग़ायब होता है और पड़ोसी कहते हैं कि फ़्लैट हमेशा से ख़ाली था।", date(2026, 6, 12)),
            Chapter(1, 2, "Two Shadows", "दो परछाइयाँ", "The street camera shows Sen walking with somebody. She was alone.",
                    "गली के कैमरे में सेन के साथ कोई चल रहा है। वह अकेली थीं।", date(2026, 6, 19)),
            Chapter(1, 3, "Amber Light", "पीली बत्ती", "A signal that never turns green hides the only door out of the sector.",
                    "कभी हरी न होने वाली बत्ती के पीछे सेक्टर से निकलने का इकलौता दरवाज़ा है।", date(2026, 6, 26)),
            Chapter(2, 1, "Green Room", "हरा कमरा", "A year later the deleted begin to come back, one every night.",
                    "एक साल बाद मिटाए गए लोग लौटने लगते हैं, हर रात एक।", date(2026, 11, 6)),
            Chapter(2, 2, "Violet Hour", "बैंगनी घड़ी", "Zero offers Sen her own file. It is not finished.",
                    "ज़ीरो सेन को उन्हीं की फ़ाइल देता है। वह अभी अधूरी है।", date(2026, 11, 13)),
            Chapter(2, 3, "All Present", "सब हाज़िर", "Roll call in Sector 21: everybody answers, once too often.",
                    "सेक्टर 21 में हाज़िरी: सब जवाब देते हैं, एक बार ज़्यादा।", date(2026, 11, 20)),
        ),
    ),
)  # fmt: skip

# Brief 2 §11.5. They live elsewhere and are offered while they answer.
ELSEWHERE = (
    Entry(
        "big-buck-bunny", "Big Buck Bunny", "बिग बक बनी",
        "A large and gentle rabbit has had enough of three bullying rodents. An open film of the Blender Foundation (CC BY 3.0), "
        "streamed from a public test server.",
        "एक बड़ा, भला ख़रगोश तीन शरारती जानवरों से तंग आ चुका है। ब्लेंडर फ़ाउंडेशन की खुली फ़िल्म (CC BY 3.0), एक सार्वजनिक परीक्षण सर्वर से।",
        date(2008, 4, 10), ("animation", "comedy", "family"), U, language="en",
        credits=(Made(DIRECTOR, "Sacha Goedegebure", "साशा गोएडेगेब्यूर"),),
        external_hls_url="https://test-streams.mux.dev/x36xhzz/x36xhzz.m3u8",
    ),
    Entry(
        "sintel", "Sintel", "सिंटेल",
        "A young woman crosses deserts and mountains to find the dragon she once nursed. An open film of the Blender Foundation "
        "(CC BY 3.0), streamed from a public test server.",
        "एक युवती उस ड्रैगन को खोजने रेगिस्तान और पहाड़ लाँघती है जिसे उसने कभी पाला था। ब्लेंडर फ़ाउंडेशन की खुली फ़िल्म (CC BY 3.0)।",
        date(2010, 9, 27), ("animation", "adventure"), UA, language="en",
        credits=(Made(DIRECTOR, "Colin Levy", "कॉलिन लेवी"),),
        external_hls_url="https://bitdash-a.akamaihd.net/content/sintel/hls/playlist.m3u8",
    ),
    Entry(
        "tears-of-steel", "Tears of Steel", "टीयर्स ऑफ़ स्टील",
        "Warriors and scientists gather at the Oude Kerk in Amsterdam to save the world from robots. An open film of the Blender "
        "Foundation (CC BY 3.0), streamed from a public test server.",
        "योद्धा और वैज्ञानिक दुनिया को रोबोटों से बचाने एम्सटर्डम में जुटते हैं। ब्लेंडर फ़ाउंडेशन की खुली फ़िल्म (CC BY 3.0)।",
        date(2012, 9, 26), ("science-fiction", "action"), UA, language="en",
        credits=(Made(DIRECTOR, "Ian Hubert", "इयान ह्यूबर्ट"),),
        external_hls_url="https://moctobpltc-i.akamaihd.net/hls/live/571329/eight/playlist.m3u8",
    ),
    Entry(
        "bipbop", "BipBop", "बिपबॉप",
        "Apple’s advanced example stream: a clock, a tone and every feature of HTTP Live Streaming in one playlist.",
        "ऐपल की उदाहरण स्ट्रीम: एक घड़ी, एक सुर, और एक ही सूची में HTTP लाइव स्ट्रीमिंग की हर ख़ूबी।",
        date(2016, 9, 1), ("documentary",), U, language="en",
        external_hls_url="https://devstreaming-cdn.apple.com/videos/streaming/examples/img_bipbop_adv_example_fmp4/master.m3u8",
    ),
)  # fmt: skip

# Newest on the shelf first; the ones with a film lead.
ENTRIES = (
    *(entry for slug in ("the-night-train", "rangoli") for entry in MOVIES if entry.slug == slug),
    *SPORTS,
    *SERIES,
    *NIGHTS,
    *(entry for entry in MOVIES if entry.slug not in {"the-night-train", "rangoli"}),
    *ELSEWHERE,
)


SHELVES = (
    Shelf(
        "spotlight",
        "Spotlight",
        "स्पॉटलाइट",
        Placement.SPOTLIGHT,
        ("the-night-train", "rangoli", "tideline", "final-over"),
    ),
    Shelf(
        "a-rainy-evening",
        "For a rainy evening",
        "बरसात की शाम के लिए",
        Placement.TRAY,
        ("seven-rains", "chai-at-midnight", "the-clockmaker", "paper-kites", "the-salt-road", "big-buck-bunny"),
        "Warm rooms, wet streets and nowhere to be.",
        "गरम कमरे, भीगी सड़कें और कहीं जाने की जल्दी नहीं।",
    ),
    Shelf(
        "one-night",
        "It all happens in one night",
        "सब एक ही रात में",
        Placement.PAGE,
        ("the-night-ferry", "the-night-bus", "the-night-train", "chai-at-midnight", "the-clockmaker", "rangoli"),
        "Six stories that begin after dusk and are over by breakfast.",
        "छह कहानियाँ, जो साँझ के बाद शुरू होती हैं और नाश्ते तक पूरी।",
    ),
)
