"""Words that passwords are made of first: the site's own, those of other languages than English, famous sentences."""

from webapp.support.text import fold

SITE_WORDS = ("waymark", "waymarkcourses", "courses", "course", "learning", "learner", "student", "teacher", "creator", "sample")
# The packaged lists are English: what people of other languages try first.
_FOREIGN_WORDS = """
passwort kennwort geheim willkommen sommer winter herbst hallo schatz motdepasse bonjour soleil azerty contrasena contraseña hola teamo
amorcito bienvenido senha brasil wachtwoord welkom geheim1 haslo hasło parola ciao amore juventus sifre şifre losenord lösenord salasana
heslo jelszo пароль привет любовь наташа qwertz qwertzuiop yxcvbnm azertyuiop qsdfghjklm wxcvbn 密码 パスワード 비밀번호 geburtstag
lehrer lehrerin schüler schule liebe ichliebedich liebling engel sonne sonnenschein frühling fussball deutschland berlin arschloch
januar februar märz juni juli august oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag anniversaire étudiant
professeur école jetaime monamour chouchou coucou doudou printemps été hiver automne janvier février juillet août décembre lundi mardi
mercredi jeudi vendredi samedi dimanche marseille estudiante profesor escuela cumpleaños tequiero tequieromucho mivida miamor corazón
estrella mariposa princesa verano invierno primavera enero febrero julio agosto diciembre lunes martes miércoles jueves viernes sábado
domingo estudante aluno aluna escola aniversário eteamo amor saudade gostosa flamengo corinthians palmeiras verão inverno janeiro
fevereiro julho dezembro segunda studente scuola tiamo tivoglio buongiorno compleanno estate gennaio luglio lunedi venerdi domenica
napoli student leerling leraar school ikhouvanjou liefde schatje zomer lente herfst januari augustus maandag vrijdag zondag voetbal
kocham kochamcie kochanie szkoła nauczyciel misiaczek kotek lato zima wiosna polska szeretlek iskola diák tanár kiscica szerelem miluji
milacek škola léto askim aşkım seniseviyorum öğrenci öğretmen okul galatasaray fenerbahce beşiktaş yaz kış älskling jagälskardig sommar
vinter skola fotboll jegelskerdeg elskling rakkaus kesä talvi koulu jalkapallo ucitel dragoste teiubesc matkhau emyeuanh anhyeuem sayang
cinta sayasayangkamu bismillah inshallah alhamdulillah mahal iloveyou mahalkita студент школа учитель солнышко люблю ятебялюблю лето
зима весна осень спартак зенит москва россия украина наруто женя аноним woaini aini kimochi sakura arigato ohayou 사랑해 愛してる さくら
ありがとう iphone samsung minecraft fortnite roblox ilovemymom ilovemydad ilovemom mylove
"""
# Sentences, sequences and long words that everybody thinks of; as one word each, as they are compared.
_FAMOUS = """
correcthorsebatterystaple loremipsum loremipsumdolor loremipsumdolorsitamet tobeornottobe tobeornottobethatisthequestion
maytheforcebewithyou maytheforce thequickbrownfox thequickbrownfoxjumpsoverthelazydog alliwantforchristmas winteriscoming
onceuponatime inthebeginning ourfatherwhoartinheaven youshallnotpass iamyourfather lukeiamyourfather beammeupscotty elementarymydearwatson
onetwothreefourfive onetwothreefour einszweidreivierfünf einszweidreivier undeuxtroisquatrecinq undeuxtroisquatre unodostrescuatrocinco
unodostrescuatro unoduetrequattro umdoistresquatro eentweedrievier одиндватричетыре ettåttotrefyra mondaytuesdaywednesday
januaryfebruarymarch redorangeyellowgreen supercalifragilisticexpialidocious antidisestablishmentarianism floccinaucinihilipilification
pneumonoultramicroscopicsilicovolcanoconiosis hippopotomonstrosesquippedaliophobia donaudampfschifffahrt
donaudampfschifffahrtsgesellschaft donaudampfschifffahrtsgesellschaftskapitän rindfleischetikettierung
rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz anticonstitutionnellement
llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch jesuischarlie jesuislemeilleur helloworldhelloworld
opensesame abracadabra allemeineentchen frerejacques
jetaimemonamour tequieromiamor ябезумнотебялюблю янепомнюпароль idontknow idontremember ihaveforgotten iforgotmypassword
ichhabemeinpasswortvergessen mypasswordis thisismypassword thisisapassword dasistmeinpasswort cestmonmotdepasse
estaesmicontraseña goodmorning goodnight happybirthday happybirthdaytoyou merrychristmas
happynewyear http://www. https://www. @gmail.com @googlemail.com @hotmail.com @outlook.com @yahoo.com @icloud.com @example.com @gmx.de
@web.de @mail.ru @yandex.ru @qq.com @orange.fr @libero.it @wp.pl @naver.com frohenweihnachten joyeuxnoel feliznavidad buonnatale
"""
# Orders that are recited, whole and their beginnings: letters whose code points do not follow each other (which are runs already),
# verses every child learns, the digits of famous numbers.
_RECITED = """
가나다라마바사아자차카타파하 가나다라마바사아자차 가나다라마바사 아야어여오요우유으이 あかさたなはまやらわ アカサタナハマヤラワ
いろはにほへとちりぬるを いろはにほへと イロハニホヘトチリヌルヲ イロハニホヘト ابجدهوزحطيكلمنسعفصقرشت ابجدهوزحطيكلمن ابجدهوز
甲乙丙丁戊己庚辛壬癸 子丑寅卯辰巳午未申酉戌亥 天地玄黄宇宙洪荒 天地玄黃宇宙洪荒 人之初性本善 性相近习相远 性相近習相遠 床前明月光 疑是地上霜
举头望明月 低头思故乡 白日依山尽 春眠不觉晓 一二三四五六七
31415926535897932384 314159265358979 3141592653 27182818284590452353 271828182845904
2718281828 16180339887498948482 1618033988 14142135623730950488 1414213562 3.1415926535 2.7182818284 1.6180339887 1.4142135623
"""
OTHER_WORDS = tuple(
    dict.fromkeys(spelling for words in (_FOREIGN_WORDS, _FAMOUS, _RECITED) for word in words.split() for spelling in (word, fold(word)))
)
