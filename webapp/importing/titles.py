"""Lower-case titles made presentable: a capital at the beginning, names and acronyms as people write them."""

import re

_NAMES = (
    "Android Ansible Angular AngularJS Apache API APIs AI AWS Azure BigInsights Bluemix Bokeh CDI CNN CQL CSS Cassandra Cloudant "
    "Coursera CI/CD CouchDB D3 DB2 DBaaS DevOps Django Docker Dojo EDA Eclipse ETL Excel Fabric Flask GAN GANs Git GitHub GPU GPUs "
    "GraphQL HATEOAS Hadoop HBase HDFS Helm Hive HTML HTML5 HTTP IBM Istio Jakarta Java JavaScript JAX JAX-RS Jenkins jQuery JSON "
    "JWT Jupyter Kafka Keras Kotlin Kubeflow Kubernetes Lagom Linux LTE LTPA MapReduce MicroProfile MLlib MongoDB MySQL Netflix "
    "NLP NoSQL NumPy Oozie OpenAPI OpenCV OpenShift OpenWhisk Oracle PaaS Pact PHP Pig PostgreSQL Python PyTorch QA R React REST "
    "RESTful RStudio RNN SaaS Scala scikit-learn SDK Spark GraphX H2O SQLite SystemT MQTT Raspberry NPS BERT LSTM S3 KPI CRM ERP "
    "IDE VPN TCP IP CPU OS VM SPSS SQL Sqoop SSL Swift SystemML TensorFlow Terraform TLS UI UML Unix URL Vue Watson XML YARN iOS "
    "IoT I II III IV EE ML RDD JPA SSE CQRS CORS CRUD S4TF LAMP SCORM OpenAI phpMyAdmin pgAdmin ZooKeeper OpenRefine DataOps ReactJS "
    "Yelp Discord Elasticsearch Algolia TJBot JavaBeans Arquillian MicroShed OpenTracing Jaeger Zipkin Maven Alibaba"
)
_WRITTEN = {name.lower(): name for name in _NAMES.split()}
_END = re.compile(r"('\w+)?,?$")
_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")  # where a comma, a colon or a full stop was lost
_PHRASES = (
    (re.compile(r"\bjax rs\b"), "JAX-RS"),
    (re.compile(r"\bjson ([bp])\b"), lambda match: f"JSON-{match[1].upper()}"),
    (re.compile(r"\bnode js\b"), "Node.js"),
    (re.compile(r"\bnode red\b"), "Node-RED"),
    (re.compile(r"\bibm cloud\b(?! pak)"), "IBM Cloud"),
    (re.compile(r"\b(ibm )?cloud ?pak\b"), lambda match: f"{(match[1] or '').upper()}Cloud Pak"),
    (re.compile(r"\b(spring boot|open liberty)\b"), lambda match: match[1].title()),
    (re.compile(r"\ba b test"), "A/B test"),
    (re.compile(r"\b(\w+) (s|t|re|ve|ll|d|m)\b(?! d\b)"), r"\1'\2"),  # "spark s", "you re": the apostrophe was lost
)


def capitalize_lowercase_title(text: str) -> str:
    """Sentence case with known names: "sql access for hadoop" becomes "SQL access for Hadoop".

    Words keep their letters, so that a search that ignores case finds them. Text with a capital is left alone.
    """
    if text != text.lower():
        return " ".join(text.split())
    plain = " ".join(_GAP.sub(", ", " ".join(text.strip().splitlines())).split())
    for pattern, written in _PHRASES:
        plain = pattern.sub(written, plain)
    words = [_cased_word(word) for word in plain.split(" ")]
    if words and words[0].islower():
        words[0] = words[0][:1].upper() + words[0][1:]
    return " ".join(words)


def _cased_word(word: str) -> str:
    end = _END.search(word)
    stem = word[: end.start()] if end else word
    return _WRITTEN.get(stem, stem) + word[len(stem) :]
