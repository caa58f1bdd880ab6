import pytest

from webapp.importing.layout import BoundLayout, FileKind, recognize
from webapp.importing.layouts import LAYOUTS
from webapp.importing.problems import ImportRefused


def recognized(file_name: str, header: str, **hints: object) -> BoundLayout:
    return recognize(LAYOUTS, file_name, header.split(","), **hints)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("file_name", "header", "layout", "kind"),
    [
        ("course_processed.csv", "COURSE_ID,TITLE,DESCRIPTION", "ibm-capstone", FileKind.COURSES),
        (
            "course_genre.csv",
            "COURSE_ID,TITLE,Database,Python,CloudComputing,DataAnalysis,Containers,MachineLearning,ComputerVision,DataScience,BigData,"
            "Chatbot,R,BackendDev,FrontendDev,Blockchain",
            "ibm-capstone",
            FileKind.COURSES,
        ),
        ("enrollments.csv.gz", "user,item,rating", "ibm-capstone", FileKind.INTERACTIONS),
        (
            "items_en.csv.gz",
            "item_id,language,name,nb_views,description,created_at,Difficulty,Job,Software,Theme,duration,type",
            "mars-en",
            FileKind.COURSES,
        ),
        ("users_en.csv.gz", "user_id,job", "mars-en", FileKind.LEARNERS),
        ("implicit_ratings_en.csv.gz", "item_id,user_id,created_at", "mars-en", FileKind.INTERACTIONS),
        ("explicit_ratings_en.csv.gz", "user_id,item_id,watch_percentage,created_at,rating", "mars-en", FileKind.INTERACTIONS),
        ("interactions.csv.gz", "user,pos,item", "mooccubex", FileKind.INTERACTIONS),
        ("item_list.csv", "org_id,remap_id", "mooccubex", FileKind.COURSES),
        (
            "course_text_partial.csv.gz",
            "org_id,remap_id,name,about,prerequisites,fields,schools,teachers,key_concepts",
            "mooccubex",
            FileKind.COURSES,
        ),
    ],
)
def test_known_files_are_recognized_by_header_and_name(file_name: str, header: str, layout: str, kind: FileKind) -> None:
    bound = recognized(file_name, header)
    assert (bound.layout.name, bound.layout.kind) == (layout, kind)


def test_the_same_header_under_another_name_is_not_taken_for_page_views() -> None:
    assert recognized("log.csv", "item_id,user_id,created_at", kind=FileKind.INTERACTIONS).layout.name == "generic"


def test_usual_column_names_are_understood_in_any_case() -> None:
    bound = recognized("courses.csv", "Item_ID,Name,Difficulty", kind=FileKind.COURSES)
    assert bound.names == {"course_id": "Item_ID", "title": "Name", "level": "Difficulty"}


def test_missing_columns_are_named_with_a_way_out() -> None:
    with pytest.raises(ImportRefused, match=r"also need title.*--map kurstitel=title"):
        recognized("courses.csv", "course_id,kurstitel", kind=FileKind.COURSES)


def test_a_column_with_a_use_of_its_own_is_not_proposed() -> None:
    with pytest.raises(ImportRefused, match="--map COLUMN=course_id"):
        recognized("courses.csv", "title,duration", kind=FileKind.COURSES)


def test_columns_can_be_mapped() -> None:
    bound = recognized("courses.csv", "Nr,Kurstitel", kind=FileKind.COURSES, renamed={"nr": "course_id", "Kurstitel": "title"})
    assert bound.names == {"course_id": "Nr", "title": "Kurstitel"}


def test_a_mapping_of_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(ImportRefused, match="names Nummer, but the columns are"):
        recognized("courses.csv", "Nr,Kurstitel", kind=FileKind.COURSES, renamed={"Nummer": "course_id"})


def test_without_a_kind_an_unknown_header_is_refused() -> None:
    with pytest.raises(ImportRefused, match="no known layout"):
        recognized("x.csv", "course_id,title")


def test_an_unknown_layout_lists_those_there_are() -> None:
    with pytest.raises(ImportRefused, match=r"no layout 'udacity'.*generic, ibm-capstone, mars-en, mooccubex"):
        recognized("x.csv", "course_id,title", name="udacity")
