"""Passwords that are guessed first are refused, whatever they are dressed up as; sentences pass."""

import pytest

from webapp.services.passwords import password_problems

OWN = ("ada@example.com", "Ada Lovelace")

COMMON = """
password123! Password2024! P@ssw0rd123 passw0rd!! Passw0rd!2024 mypassword1! Password1Password1 p4ssw0rdp4ssw0rd drowssap123 P@$$w0rd1234
letmein123! letmeinplease letmeinletmein welcome2024! Welcome123! iloveyou123 iloveyou!! Iloveyou2!! football1234 baseball2023 sunshine123!
princess1234 superman123! trustno1234 dragon12345 monkey12345 michael1987 jennifer2000 liverpool123 administrator adminadmin12 admin12345!
changeme123 changemenow secret1234 summer2024! Winter2023!! spring2025 october2023 monday12345 testtest1234 hello12345 helloworld1
starwars123 pokemon12345 computer123 internet1234 hunter2hunter2 passwort123 motdepasse1 contrasena1 Sommer2024! Willkommen123 пароль12345
ｐａｓｓｗｏｒｄ１２３
"""
RUNS = """
qwerty12345 qwertyuiop qwertzuiop azertyuiop 1qaz2wsx3edc 1q2w3e4r5t zaq12wsxcde asdfghjkl; zxcvbnm,./ poiuytrewq poiuytrewq1 qwerty!@#$%
qazwsxedcrfv qazxswedcvfr !QAZ2wsx#EDC $RFVbgt5%TGB qwerasdfzxcv asdfqwerzxcv fghjkl;'zxc lkjhgfdsamnb q1w2e3r4t5 a1b2c3d4e5 йцукенгшщз
ασδφγηξκλζ 0123456789 0987654321 12345678910 147258369a 159753456a abcdefghij abcd1234abcd 1111111111 aaaaaaaaaa aaaaaaaaaab abababababab
abcabcabcabc aA1!aA1!aA1! 1990-01-02 01/02/1990aa 19900102aa
"""
OTHER_LANGUAGES = """
Geburtstag1990 lehrer2026!! étudiant2024 etudiant2024 szeretlek12 cumpleanos1 Corazón2024 kochamcie123 солнышко12 ятебялюблю1 woaini131420
&é"'(-è_çà1 qwert12345yxcvb fenerbahçe1907
"""
ONE_WORD = """
heiligabend24 Kartoffel123 schnuckel99! 2024krokodil! Velociraptor7 Rutschbahn!! KNABBERZEUG1 бутерброд12 μελιτζάνα99
"""
SITE = "ilovewaymark waymark2024 Waymark-2026! W4ym4rk!!! kramyaw123 courses12345 letmein2waymark"
OWN_WORDS = """
adalovelace1 ecalevolada lovelace1815 4d4l0v3l4c3 l0v3l4c3!!1 adaadaada1 ada.lovelace Lovelace.Ada.99 ada@example.com example.com123
moc.elpmaxe example2026! example.com2026 adaatexample ilovelovelace
"""
UNDONE = """
p.a.s.s.w.o.r.d|p a s s w o r d 1|pass word 123|P-a-s-s-w-o-r-d-1|qq ww ee rr tt yy|ppaasssswwoorrdd|aa11bb22cc33|1 2 3 4 5 6 7 8 9
a.d.a.l.o.v.e.l.a.c.e|14 mars 1987|14. M\u00e4rz 1987|25-december-1990|user@example.com
"""
OTHER_SCRIPTS = """
p\u0430ssw\u043erd2024|p\u03b1ss\u03c9\u03bfrd1234|\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341
\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669|\u3142\u3148\u3137\u3131\u3145\u315b\u3155\u3151\u3150\u3154
\u05e9\u05d3\u05d2\u05db\u05e2\u05d9\u05d7\u05dc\u05da\u05e3|\u0634\u0633\u064a\u0628\u0644\u0627\u062a\u0646\u0645\u0643
\u0444\u0456\u0432\u0430\u043f\u0440\u043e\u043b\u0434\u0436\u0454
"""
FAMOUS = """
correct horse battery staple|Correct-Horse-Battery-Staple|lorem ipsum dolor|to be or not to be|May the force be with you|one two three four
undeuxtroisquatre|Eins-Zwei-Drei-Vier|this is my password|je t'aime mon amour|Antidisestablishmentarianism
"""
RECITED = """
가나다라마바사아자차 가나다라마바사아1! 아야어여오요우유으이 あかさたなはまやらわ いろはにほへとちりぬるを イロハニホヘトチリヌル
ابجدهوزحطيكلمن 甲乙丙丁戊己庚辛壬癸 子丑寅卯辰巳午未申酉戌亥 天地玄黄宇宙洪荒123 床前明月光疑是地上霜 人之初性本善性相近习相远
314159265358979 3.141592653589 2718281828459045 1618033988749 アカサタナハマヤラワ
"""
PHRASES = """
a short sentence of mine|another sentence of mine|a long enough pass phrase|a sample password for tests|the horse sang to a battery
my grandmother bakes at dawn|Seven otters juggle quietly|le chat dort sur le toit bleu|der blaue Hund frisst Suppe|tundra-velvet-mosaic-91
kX9#vq2Lm!tR|xK7pQ2vRz9Lw|wir essen heute abend spinat|purple lanterns over Oslo|mañana compro pan y café|Почему бы и нет сегодня
十二月の朝はとても寒い|i never liked raw onions|rainy tuesday umbrella shop|gfh3-qpz8-mnt5|the kettle sings at noon
forty-two snails in a boat|Vinyl0crows&marble|T9$kd-wq_Zp4|ocean trombone biscuit|we met in the library in 2003
"""


@pytest.mark.parametrize("password", " ".join((COMMON, RUNS, OTHER_LANGUAGES, ONE_WORD, SITE, OWN_WORDS, RECITED)).split())
def test_what_is_guessed_first_is_refused(password: str) -> None:
    assert password_problems(password, *OWN)


@pytest.mark.parametrize("password", "|".join(text.strip().replace("\n", "|") for text in (UNDONE, OTHER_SCRIPTS, FAMOUS)).split("|"))
def test_dressing_up_that_guessers_undo_helps_nothing(password: str) -> None:
    assert password_problems(password, *OWN)


@pytest.mark.parametrize("password", OWN_WORDS.split())
def test_own_words_are_named_as_the_reason(password: str) -> None:
    assert "not your name or e-mail address" in password_problems(password, *OWN)[0]


@pytest.mark.parametrize("password", PHRASES.strip().replace("\n", "|").split("|"))
def test_sentences_and_random_letters_pass(password: str) -> None:
    assert password_problems(password, *OWN) == []


def test_a_name_that_means_nothing_to_others_is_refused_to_its_owner_alone() -> None:
    assert password_problems("zyrkon-valumbra", "z@example.com", "Zyrkon Valumbra")
    assert password_problems("zyrkon-valumbra", "ada@example.com", "Ada Lovelace") == []


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("Jörg Müllerschön", "joergmuellerschoen1"),
        ("Jörg Müllerschön", "jorg.mullerschon.7"),
        ("Øyvind Åsenstråle", "oyvind-asenstrale"),
        ("Łukasz Wiśniewski", "lukasz.wisniewski"),
        ("Σωκράτης Παπαδόπουλος", "sokrates-papadopoulos"),
        ("Иван Ковальчук", "ivan-kovalchuk-7"),
    ],
)
def test_a_name_is_its_owners_as_other_keyboards_write_it(name: str, password: str) -> None:
    assert "not your name" in password_problems(password, "someone@example.com", name)[0]


@pytest.mark.parametrize(
    "password",
    [
        "TofuBicycleLantern",
        "tofubicyclelanternsock",
        "sju hästar sover",
        "qX7kRtBm2v",
        "静かな湖に舟が浮かぶ",
        "nh0-g^L#_uR",
        "r4qqaABvvLO-8",
        "j5-WC7k-_!FQ",
    ],
)
def test_several_words_and_random_letters_are_not_taken_for_one_word(password: str) -> None:
    assert password_problems(password, *OWN) == []


def test_length_is_limited_at_both_ends() -> None:
    assert "at least 10" in password_problems("kX9#vq2Lm")[0]
    assert "at most 256" in password_problems("kX9#vq2Lm!" * 26)[0]
