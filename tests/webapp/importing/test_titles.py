import pytest

from webapp.importing.titles import capitalize_lowercase_title


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("sql access for hadoop", "SQL access for Hadoop"),
        ("the r programming environment", "The R programming environment"),
        (
            "robots are coming  build iot apps with watson  swift  and node red",
            "Robots are coming, build IoT apps with Watson, Swift, and Node-RED",
        ),
        ("exploring spark s graphx", "Exploring Spark's GraphX"),
        ("programming for everybody  getting started with python ", "Programming for everybody, getting started with Python"),
        ("\ndistributed computing with spark sql", "Distributed computing with Spark SQL"),
        ("spark fundamentals ii", "Spark fundamentals II"),
        ("serverless computing using cloud functions  developer i", "Serverless computing using cloud functions, developer I"),
        ("introduction to ibm cloud and cloud pak", "Introduction to IBM Cloud and Cloud Pak"),
        ("Already Written  Well", "Already Written Well"),
        ("", ""),
    ],
)
def test_lower_case_titles_are_made_presentable(raw: str, shown: str) -> None:
    assert capitalize_lowercase_title(raw) == shown


def test_the_words_to_search_for_stay() -> None:
    raw = "getting started with the data  apache spark makers build"
    assert capitalize_lowercase_title(raw).lower().replace(",", "").split() == raw.split()
