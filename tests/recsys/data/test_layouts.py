"""Every layout is read from a file that looks like the real one, oddities included."""

import gzip
from pathlib import Path

import pytest

from recsys.data.dataset import Dataset
from recsys.data.layouts import read_catalog, read_interactions, read_items
from recsys.errors import DataError


def write(path: Path, text: str) -> Path:
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def test_house_interactions(tmp_path: Path) -> None:
    frame = read_interactions(write(tmp_path / "i.csv.gz", "user_id,item_id,weight,timestamp,note\n1,x,2,2024-01-01,hm\n02,y,,,\n"))
    assert set(frame.columns) == {"user_id", "item_id", "weight", "timestamp"}
    data = Dataset.from_frames(frame)
    assert data.user_ids == ("1", "02")
    assert data.histories.weights.tolist() == [2, 1]


def test_a_byte_order_mark_and_upper_case_do_not_matter(tmp_path: Path) -> None:
    frame = read_interactions(write(tmp_path / "i.csv", "\ufeffUSER_ID,ITEM_ID,TIMESTAMP\nu,x,5\n"))
    assert frame.to_dict("records") == [{"user_id": "u", "item_id": "x", "timestamp": "5"}]


def test_ibm_ratings_become_engagement(tmp_path: Path) -> None:
    frame = read_interactions(write(tmp_path / "e.csv", "user,item,rating\n1,RP0101EN,3.0\n1,BD0101EN,2.0\n2,X,?\n"))
    assert frame["weight"].tolist()[:2] == [2.0, 1.0]
    with pytest.raises(DataError, match="row 3, weight"):
        Dataset.from_frames(frame)


@pytest.mark.parametrize(
    "header",
    [
        "user,item,rating,timestamp",
        "user\titem\trating\ttimestamp",
        "userId,movieId,rating,timestamp",
        "userId,itemId,rating,timestamp",
        "user_id,item_id,rating,timestamp",
        "user_id\titem_id\trating\ttimestamp",
        "user_id,item_id,rating,created_at",
        "user_id,item_id,weight,timestamp,rating",
    ],
)
def test_ratings_with_times_stay_as_given(tmp_path: Path, header: str) -> None:
    mark = "\t" if "\t" in header else ","
    rows = [("1", "a, b" if mark == "\t" else "ab", "2", "964982703"), ("1", "c", "1", "964982224"), ("2", "c", "3.5", "964981247")]
    frame = read_interactions(write(tmp_path / "r.csv.gz", "\n".join([header, *(mark.join(row) for row in rows)])))
    assert frame.to_dict("list") == {
        "user_id": ["1", "1", "2"],
        "item_id": [rows[0][1], "c", "c"],
        "weight": ["2", "1", "3.5"],
        "timestamp": ["964982703", "964982224", "964981247"],
    }
    data = Dataset.from_frames(frame)
    assert [data.items[item].item_id for item in data.histories.row(0)[0]] == ["c", rows[0][1]]
    assert data.histories.row(0)[1].tolist() == [1, 2]


@pytest.mark.parametrize("header", ["user,item,rating", "userId,movieId,rating", "user_id,item_id,rating"])
def test_ratings_without_times_stay_as_given(tmp_path: Path, header: str) -> None:
    frame = read_interactions(write(tmp_path / "r.csv", f"{header}\n1,a,3\n1,b,2\n2,a,1\n"))
    assert frame.to_dict("list") == {"user_id": ["1", "1", "2"], "item_id": ["a", "b", "a"], "weight": ["3", "2", "1"]}


def test_ratings_of_two_and_three_with_times_are_no_ibm_set(tmp_path: Path) -> None:
    frame = read_interactions(write(tmp_path / "r.csv", "user,item,rating,timestamp\n1,a,3,5\n1,b,2,6\n"))
    assert frame["weight"].tolist() == ["3", "2"]


REVIEWED = """user_id,item_id,timestamp,rating,review
u,a,1,5,boring and confusing
u,b,2,,"Great course, clear and helpful."
u,c,3, ,boring and confusing
u,d,4,NA,The course has twelve lessons.
u,e,5,,
u,f,6,1,
v,a,7,,"Le cours est bon, mais pas super"
"""


def test_a_review_stands_in_for_a_missing_rating(tmp_path: Path) -> None:
    frame = read_interactions(write(tmp_path / "r.csv", REVIEWED))
    assert set(frame.columns) == {"user_id", "item_id", "timestamp", "weight"}
    data = Dataset.from_frames(frame)
    rated, good, bad, neutral, silent, one = data.histories.row(0)[1].tolist()
    assert (rated, one) == (5, 1)  # a rating wins over what is written beside it
    assert 3 < good < 5  # on the scale of the file's ratings
    assert 1 < bad < 3
    assert neutral == silent == data.histories.row(1)[1][0] == 1  # as rows without a weight count


@pytest.mark.parametrize("column", ["review", "review_text", "COMMENT"])
def test_a_review_alone_is_explicit_feedback(tmp_path: Path, column: str) -> None:
    rows = "u,a,boring and confusing\nu,b,very helpful\nu,c,\nu,d,n/a\n"
    data = Dataset.from_frames(read_interactions(write(tmp_path / "r.csv", f"user_id,item_id,{column}\n{rows}")))
    weights = dict(zip([data.items[item].item_id for item in data.histories.row(0)[0]], data.histories.row(0)[1].tolist(), strict=True))
    assert weights["a"] < 0
    assert 1 < weights["b"] < 2
    assert weights["c"] == weights["d"] == 1


def test_reviews_beside_weights_are_weights_of_engagement(tmp_path: Path) -> None:
    text = "user_id,item_id,weight,rating,review\nu,a,3,5,\nu,b,2,1,\nu,c,,5,boring and confusing\n"
    weights = read_interactions(write(tmp_path / "r.csv", text))["weight"].tolist()
    assert weights[:2] == ["3", "2"]
    assert weights[2] < 0


def test_a_rating_that_is_none_is_told_though_there_is_a_review(tmp_path: Path) -> None:
    text = REVIEWED.replace("u,f,6,1,", "u,f,6,five,very helpful")
    with pytest.raises(DataError, match="row 6, weight: is not a number"):
        Dataset.from_frames(read_interactions(write(tmp_path / "r.csv", text)))


def test_reviews_are_read_in_every_layout_of_ratings(tmp_path: Path) -> None:
    for header in ("user,item,rating,timestamp,review", "userId,movieId,rating,timestamp,comment", "userId,itemId,rating,time,review_text"):
        frame = read_interactions(write(tmp_path / "r.csv", f"{header}\n1,a,2,3,\n1,b,4,4,\n1,c,,5,very helpful\n"))
        assert frame["weight"].tolist()[:2] == ["2", "4"]
        assert 3 < frame["weight"].tolist()[2] < 4


def test_a_weight_beside_a_rating_is_the_weight(tmp_path: Path) -> None:
    frame = read_interactions(write(tmp_path / "r.csv", "user_id,item_id,rating,weight\n1,a,1,-1\n1,b,5,1\n"))
    assert frame.to_dict("list") == {"user_id": ["1", "1"], "item_id": ["a", "b"], "weight": ["-1", "1"]}


def test_movielens_items(tmp_path: Path) -> None:
    rows = 'movieId,title,genres\n1,Toy Story (1995),Adventure|Animation\n2,"American President, The (1995)",(no genres listed)\n'
    items = read_items(write(tmp_path / "movies.csv", rows))
    assert [(i.item_id, i.title, i.topics) for i in items] == [
        ("1", "Toy Story (1995)", ("Adventure", "Animation")),
        ("2", "American President, The (1995)", ()),
    ]


def test_commas_divide_where_tabs_only_stand_in_cells(tmp_path: Path) -> None:
    (item,) = read_items(write(tmp_path / "i.csv", "item_id,title\n1,a\tb\n"))
    assert (item.item_id, item.title) == ("1", "a\tb")


def test_ibm_courses_take_their_genres_from_the_file_beside(tmp_path: Path) -> None:
    write(tmp_path / "course_genre.csv", "COURSE_ID,TITLE,Python,MachineLearning\nA,title a,1,1\nB,title b,0,0\n")
    items = read_items(write(tmp_path / "course_processed.csv", "COURSE_ID,TITLE,DESCRIPTION\nA,title a,about a\nB,title b,about b\n"))
    assert [(i.item_id, i.description, i.topics) for i in items] == [("A", "about a", ("Python", "MachineLearning")), ("B", "about b", ())]
    assert read_items(tmp_path / "course_genre.csv")[0].topics == ("Python", "MachineLearning")


def test_mars_views_and_watch_times(tmp_path: Path) -> None:
    views = read_interactions(write(tmp_path / "v.csv", "item_id,user_id,created_at\n510,4287,2016-11-02 20:59:23\n"))
    assert views.to_dict("records") == [{"item_id": "510", "user_id": "4287", "timestamp": "2016-11-02 20:59:23"}]
    watched = read_interactions(
        write(tmp_path / "w.csv", "user_id,item_id,watch_percentage,created_at,rating\n1,510,32,2018-09-28 17:41:45,4\n")
    )
    assert watched["weight"].tolist() == [0.32]


def test_mars_items(tmp_path: Path) -> None:
    header = "item_id,language,name,nb_views,description,created_at,Difficulty,Job,Software,Theme,duration,type\n"
    rows = (
        "510,en,OneDrive,1114.0,Store files,2016,Beginner,\"['Accounting', 'N/A']\",['OneDrive'],['Discover'],90.0,tutorial\n"
        "511,en,B,1,,2017,N/A,[],[],[],,tutorial\n"
    )
    first, second = read_items(write(tmp_path / "items.csv", header + rows))
    assert (first.level, first.tags, first.skills, first.topics) == ("beginner", ("Accounting",), ("OneDrive",), ("Discover",))
    assert (first.duration_minutes, first.published, first.language) == (2, 1451606400.0, "en")
    assert (second.level, second.tags, second.duration_minutes) == (None, (), None)


def test_mooccubex(tmp_path: Path) -> None:
    data = Dataset.from_frames(read_interactions(write(tmp_path / "m.csv", "user,pos,item\n0,1,14\n0,0,6\n")))
    assert [item.item_id for item in data.items] == ["14", "6"]
    assert data.histories.items.tolist() == [1, 0]
    header = "org_id,remap_id,name,about,prerequisites,fields,schools,teachers,key_concepts\n"
    (item,) = read_items(write(tmp_path / "t.csv", header + "C_1,25,生活英语,你想,,外国语言文学,清华大学,杨芳|John,cb insights|couch\n"))
    assert (item.item_id, item.title, item.topics, item.skills) == ("25", "生活英语", ("外国语言文学",), ("cb insights", "couch"))


def test_udemy_and_coursera_catalogs(tmp_path: Path) -> None:
    udemy = (
        "course_id,course_title,url,is_paid,price,num_subscribers,num_reviews,num_lectures,"
        "level,content_duration,published_timestamp,subject\n"
    )
    row = "1,Banking,https://x,True,200,1,2,3,Beginner Level,1.5,2017-01-18T20:58:58Z,Business Finance\n"
    (item,) = read_items(write(tmp_path / "u.csv", udemy + row + row))
    assert (item.level, item.duration_minutes, item.topics, item.published) == ("beginner", 90, ("Business Finance",), 1484773138.0)
    coursera = "instructor,title,skills,rating,reviewcount,level,certificatetype,duration,crediteligibility\n"
    skills = '"{"" SQL"","" (2.4k reviews)"","" Big Data""}"'
    (item,) = read_items(write(tmp_path / "c.csv", coursera + f"Google,Data,{skills},4.8,1k,Beginner , Course ,1,False\n"))
    assert (item.item_id, item.skills, item.level) == ("google-data", ("SQL", "Big Data"), "beginner")


@pytest.mark.parametrize("layout", ["user_id,item_id,weight,timestamp", "user,item,rating,timestamp"])
def test_learners_and_courses_may_be_called_none(tmp_path: Path, layout: str) -> None:
    rows = "NA,null,2,5\nNone,n/a,null,NaN\nnan,NaN,,\n"
    frame = read_interactions(write(tmp_path / "i.csv", f"{layout}\n{rows}"))
    assert frame["user_id"].tolist() == ["NA", "None", "nan"]
    assert frame["item_id"].tolist() == ["null", "n/a", "NaN"]
    # Elsewhere such words say that there is nothing.
    assert frame["weight"].isna().tolist() == frame["timestamp"].isna().tolist() == [False, True, True]
    items = read_items(write(tmp_path / "items.csv", "item_id,title,creator\nnull,NA,None\nNone,Nothing,\n"))
    assert [(item.item_id, item.title, item.creator) for item in items] == [("null", "", None), ("None", "Nothing", None)]


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_packed_file_is_refused(tmp_path: Path, damage: str) -> None:
    text = "user_id,item_id,timestamp\n" + "".join(f"u{n * 7919 % 1000},c{n * 104729 % 97},{n * n}\n" for n in range(3_000))
    whole = gzip.compress(text.encode(), mtime=0)
    half = len(whole) // 2
    path = tmp_path / "i.csv.gz"
    path.write_bytes(
        whole[:half] if damage == "cut" else whole[:half] + bytes(byte ^ 255 for byte in whole[half : half + 40]) + whole[half + 40 :]
    )
    for read in (read_interactions, read_items):
        with pytest.raises(DataError, match=r"i\.csv\.gz is not a readable CSV file"):
            read(path)


def test_a_catalog_tells_its_rows_and_what_was_left_out(tmp_path: Path) -> None:
    catalog = read_catalog(write(tmp_path / "movies.csv", "movieId,title,genres\n1,Heat,Action\n,Lost,\n1,Heat again,\n"))
    assert [item.title for item in catalog.items] == ["Heat"]
    assert (catalog.rows, [problem.row for problem in catalog.problems]) == (3, [2, 3])


def test_a_file_of_no_known_layout_may_name_its_columns_in_usual_ways(tmp_path: Path) -> None:
    frame = read_interactions(write(tmp_path / "i.csv", "Student_ID,Course,Stars,Date,note\ns,c,4,2024-01-02,hm\n"))
    assert frame.to_dict("records") == [{"user_id": "s", "item_id": "c", "weight": "4", "timestamp": "2024-01-02"}]
    (item,) = read_items(write(tmp_path / "c.csv", "id,name,category,minutes,difficulty,instructor\n7,Bread,Baking;Food,90,Mixed,Ada\n"))
    assert (item.item_id, item.title, item.topics, item.duration_minutes, item.level) == ("7", "Bread", ("Baking", "Food"), 90, None)
    assert item.creator == "Ada"


def test_kinds_of_events_are_not_taken_for_interest(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No known layout"):
        read_interactions(write(tmp_path / "i.csv", "student,course,event\ns,c,drop\n"))


@pytest.mark.parametrize(("cell", "minutes"), [("90", 2), ("210", 4), ("270", 4), ("20", 1)])
def test_seconds_become_minutes_without_a_rounding_of_their_own(tmp_path: Path, cell: str, minutes: int) -> None:
    header = "item_id,language,name,nb_views,description,created_at,difficulty,job,software,theme,duration,type\n"
    (item,) = read_items(write(tmp_path / "items.csv", f"{header}510,en,OneDrive,1,Store,2016,Beginner,[],[],[],{cell},tutorial\n"))
    assert item.duration_minutes == minutes


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n"])
def test_unknown_files_are_refused(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "x.csv", text)
    with pytest.raises(DataError):
        read_interactions(path)
    with pytest.raises(DataError):
        read_items(path)
    with pytest.raises(DataError, match="does not exist"):
        read_items(tmp_path / "none.csv")
