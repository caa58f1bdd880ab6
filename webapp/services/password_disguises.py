"""Ways in which a guesser comes to a password that is dressed up: other keyboards, other scripts, signs between letters, doubling."""

import re
import unicodedata

from webapp.support.text import fold

# The same keys under other layouts: runs over them are runs, and words typed blindly are words.
_CYRILLIC_KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,.")
_SHIFTED = str.maketrans("!@#$%^&*()_+", "1234567890-=")
_AZERTY_DIGITS = str.maketrans("&é\"'(-è_çà", "1234567890")
_GREEK_KEYS = str.maketrans("ςερτυθιοπασδφγηξκλζχψωβνμ", "wertyuiopasdfghjklzxcvbnm")
_UKRAINIAN_KEYS = str.maketrans("йцукенгшщзхїфівапролджєячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,.")
_HEBREW_KEYS = str.maketrans("קראטוןםפשדגכעיחלךףזסבהנמצתץ", "ertyuiopasdfghjkl;zxcvbnm,.")
_ARABIC_KEYS = str.maketrans("ضصثقفغعهخحجشسيبلاتنمكطئءؤرىةوزظ", "qwertyuiop[asdfghjkl;'zxcvnm,./")


def _keyboard_keys(first: int, keys: str) -> dict[int, str]:
    """The keys that write each character from this one on."""
    return {first + place: key for place, key in enumerate(keys.split(","))}


# Initial, medial and final letters of syllables, taken apart (NFKD); doubled and joined ones by the keys that make them.
_KOREAN_KEYS = (
    _keyboard_keys(0x1100, "r,R,s,e,E,f,a,q,Q,t,T,d,w,W,c,z,x,v,g")
    | _keyboard_keys(0x1161, "k,o,i,O,j,p,u,P,h,hk,ho,hl,y,n,nj,np,nl,b,m,ml,l")
    | _keyboard_keys(0x11A8, "r,R,rt,s,sw,sg,e,f,fr,fa,fq,ft,fx,fv,fg,a,q,qt,t,T,d,w,c,z,x,v,g")
)
# Letters that look alike: a word is that word in them, too.
_LOOKALIKES = str.maketrans("авекмнорстухіјѕԁԛԝёαβεζηικμνορτυχγω", "abekmhopctyxijsdqweabeznikmvoptuxyw")
_LAYOUTS = (_SHIFTED, _AZERTY_DIGITS, _CYRILLIC_KEYS, _UKRAINIAN_KEYS, _GREEK_KEYS, _HEBREW_KEYS, _ARABIC_KEYS)
_JOINTS = re.compile(r"[\W_]+")
_USUAL_JOINTS = frozenset(" .,-_+:/'’")
_REPEATS = re.compile(r"(.)\1+")


def written_forms(plain: str) -> set[str]:
    """The ways a guesser may come to the password: as typed, composed, without marks, without the shift key, as its keys would write it
    under a Latin layout, with figures for signs of numbers and Latin letters for those that look alike; and each of these undone."""
    composed = unicodedata.normalize("NFKC", plain).casefold()
    figures = "".join(str(_digit(character)) for character in composed)
    forms = {
        composed,
        fold(plain),
        figures,
        composed.translate(_LOOKALIKES),
        unicodedata.normalize("NFKD", composed).translate(_KOREAN_KEYS),
    }
    forms |= {_without_joints(form) for form in forms} | {composed.translate(keys) for keys in _LAYOUTS}
    return {plain, *forms, *(_without_doubling(form) for form in forms)} - {""}


def _without_joints(form: str) -> str:
    """`p.a.s.s` and `pass word 1` as one word: where the same usual sign, or blanks besides, joins the parts throughout. In random
    characters each sign is one of its own."""
    joints = _JOINTS.findall(form)
    signs = set("".join(joints))
    joined = len(joints) > 1 and signs <= _USUAL_JOINTS and len(signs - {" "}) <= 1
    return _JOINTS.sub("", form) if joined else form


def _without_doubling(form: str) -> str:
    """ "aabb11" as "ab1": where on the whole each character stands twice or more."""
    once = _REPEATS.sub(r"\1", form)
    return once if 2 * len(once) <= len(form) else form


def _digit(character: str) -> str | int:
    """The figure of a sign for a whole number up to ten, in whatever script; else the character."""
    value = unicodedata.numeric(character, -1)
    return int(value) if value in range(11) else character
