"""Every layout is read from a file that looks like the real one, oddities included."""

import gzip
from pathlib import Path

import pytest

from recsys.data.dataset import Dataset
from recsys.data.layouts import read_interactions, read_items
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
    assert (first.duration_minutes, first.published) == (2, 1451606400.0)
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


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n"])
def test_unknown_files_are_refused(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "x.csv", text)
    with pytest.raises(DataError):
        read_interactions(path)
    with pytest.raises(DataError):
        read_items(path)
    with pytest.raises(DataError, match="does not exist"):
        read_items(tmp_path / "none.csv")
