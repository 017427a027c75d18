"""The texts of the all-MiniLM-L6-v2 reference vectors: what real corpora and real mistakes contain."""


# "word" is one token of the model's vocabulary and [CLS] and [SEP] are two, so n tokens are n - 2 words.
def of_tokens(tokens):
    return " ".join(["word"] * (tokens - 2))


PARAGRAPH = (
    "A lighthouse keeper wrote down the weather four times a day for thirty-one years. Most of the entries are dull: "
    "wind from the west, moderate sea, good visibility. Read together, however, they show how storms arrived earlier "
    "each autumn, how the herring boats stayed out longer, and how the fog that had closed the harbour for a week "
    "every March became a matter of hours. "
)

TEXTS = {
    # The smallest inputs
    "empty": "",
    "spaces": "   ",
    "one word": "hello",
    "one letter": "a",
    "one digit": "7",
    "one rare word": "antidisestablishmentarianism",
    "two words": "vector database",
    "one full stop": ".",
    "punctuation": "?!... --- ;;; ((( ))) \"''\" @#$%^&*",
    "symbols": "± × ÷ ≠ ≤ ∞ ∑ ∂ √ € £ ¥ © ™ § ¶ → ⇒",
    # Plain language
    "sentence": "The quick brown fox jumps over the lazy dog.",
    "question": "How do I restore a PostgreSQL backup to a different server?",
    "answer": "Stop the service, copy the base backup into the data directory and replay the archived log files.",
    "negation": "The invoice was not paid on time.",
    "negation undone": "The invoice was paid on time.",
    "paragraph": PARAGRAPH.strip(),
    "title and body": "Release notes\n\nThis version fixes two defects in the importer and removes the old format.",
    # Case, accents, Unicode forms
    "lower case": "the mayor of new york visited the museum",
    "upper case": "THE MAYOR OF NEW YORK VISITED THE MUSEUM",
    "mixed case": "tHe MaYoR oF nEw YoRk ViSiTeD tHe MuSeUm",
    "accents composed": "Caf\u00e9 cr\u00e8me br\u00fbl\u00e9e \u00e0 la fa\u00e7on de Zo\u00eb",
    "accents combining": "Cafe\u0301 cre\u0300me bru\u0302le\u0301e a\u0300 la fac\u0327on de Zoe\u0308",
    "german": "Die Straßenbahn fährt über die große Brücke, öfter als früher.",
    "turkish": "İstanbul'da ılık bir akşam, ığdır ve İzmir",
    "vietnamese": "Chúng tôi đã chuyển cơ sở dữ liệu sang máy chủ mới hôm qua.",
    "ligatures and full width": "ﬁle ﬂow Ｆｕｌｌ Ｗｉｄｔｈ １２３",
    # Other scripts
    "chinese": "今天天气很好，我们去公园散步。",
    "japanese": "東京タワーは夜になるとライトアップされます。カタカナもあります。",
    "korean": "서울에서 부산까지 기차로 세 시간이 걸립니다.",
    "arabic": "تقع مكتبة الإسكندرية على شاطئ البحر الأبيض المتوسط.",
    "arabic with vowel marks": "بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ",
    "hebrew": "הספרייה נפתחת בשעה תשע בבוקר.",
    "hindi": "नई दिल्ली भारत की राजधानी है।",
    "thai": "ห้องสมุดเปิดทุกวันยกเว้นวันจันทร์",
    "russian": "Поезд прибывает на вокзал в половине седьмого.",
    "greek": "Η βιβλιοθήκη ανοίγει στις εννέα το πρωί.",
    "mixed scripts": "The word مكتبة means library, 图书馆 in Chinese and библиотека in Russian.",
    # Emoji and invisible characters
    "emoji": "Great job 🎉🎉 see you at the beach 🏖️",
    "emoji only": "😀😃😄",
    "emoji joined": "👩‍👩‍👧‍👦 👍🏽 🇪🇬",
    "tabs and newlines": "first\tsecond\nthird\r\nfourth\n\n\n\tfifth",
    "surrounding whitespace": "  \n\t padded on both sides \t\n  ",
    "no-break and thin spaces": "10\u00a0000\u2009km\u202fper\u3000year",
    "zero-width characters": "zero\u200bwidth\u200djoined\ufeffmark",
    "control characters": "bell\u0007 escape\u001b[31m red \u007f",
    "soft hyphens": "ex\u00adtra\u00ador\u00addi\u00adnary",
    # Numbers, code, addresses
    "numbers": "In 2024, 1,234,567.89 units were sold at $19.99 each (a 12.5% rise over 2023).",
    "long number": "31415926535897932384626433832795028841971693993751058209749445923078164",
    "date and time": "2024-02-29T23:59:60Z, 29/02/2024, Feb 29th 2024, 11:59pm",
    "java": 'public static void main(String[] args) { System.out.println("hi"); } // prints hi',
    "sql": "SELECT id, title FROM articles WHERE lang = 'ar' ORDER BY id LIMIT 10;",
    "json": '{"id": 42, "tags": ["a", "b"], "nested": {"ok": true, "ratio": 0.5}}',
    "html": "<p class=\"note\">Read <a href='/docs?id=1&amp;x=2'>the docs</a>!</p>",
    "url": "https://user@example.org:8443/a/b%20c/index.html?q=vector+search&lang=en#top",
    "e-mail and path": "write to first.last+tag@example.co.uk or read /var/log/syslog.1 and C:\\Temp\\x.txt",
    "snake and camel case": "max_batch_tokens maxBatchTokens MAX-BATCH-TOKENS",
    "special tokens spelled out": "a [MASK] in the text, a [SEP] and a [CLS] too",
    # Repetition
    "one word repeated": "buffalo " * 24,
    "one letter repeated": "a" * 60,
    "word too long for the tokenizer": "x" * 101,
    "laughter": "ha" * 45,
    # Around the limits of 128 and 256 tokens, counted with [CLS] and [SEP]
    "127 tokens": of_tokens(127),
    "128 tokens": of_tokens(128),
    "129 tokens": of_tokens(129),
    "254 tokens": of_tokens(254),
    "255 tokens": of_tokens(255),
    "256 tokens": of_tokens(256),
    "257 tokens": of_tokens(257),
    "long text": PARAGRAPH * 8,
    "long text with another end": PARAGRAPH * 7 + "Nothing of this last sentence may reach the vector.",
    "long chinese": "今天天气很好，我们去公园散步。" * 40,
    "long without spaces": "abcdefghij/" * 90,
}

SAMPLE = [
    "one word",
    "punctuation",
    "sentence",
    "paragraph",
    "accents composed",
    "chinese",
    "arabic",
    "emoji",
    "java",
    "long text",
]

AROUND_128_TOKENS = [
    "one word",
    "sentence",
    "127 tokens",
    "128 tokens",
    "129 tokens",
    "256 tokens",
    "long text",
    "long text with another end",
    "long chinese",
    "long without spaces",
]
