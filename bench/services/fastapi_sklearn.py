"""The same endpoints as a team would write them in Python: FastAPI, uvicorn, scikit-learn. Debian packages.

    python3 fastapi_sklearn.py PORT REVIEWS.csv SITE_FOLDER
"""

import sys

import pandas as pd
import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import FeatureUnion, Pipeline

port, reviews, site = int(sys.argv[1]), sys.argv[2], sys.argv[3]
rows = pd.read_csv(reviews, usecols=["text", "label"]).dropna()
# The features of our default: words 1 to 2, characters 2 to 5, sublinear TF-IDF.
features = FeatureUnion([
    ("words", TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)),
    ("characters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True)),
])
model = Pipeline([("features", features), ("model", MultinomialNB(alpha=0.05))]).fit(rows["text"], rows["label"])
labels = list(model.classes_)


class One(BaseModel):
    text: str


class Many(BaseModel):
    texts: list[str]


app = FastAPI()


@app.post("/predict")
def predict(body: One):
    shares = model.predict_proba([body.text])[0]
    return {"label": labels[int(shares.argmax())], "probabilities": dict(zip(labels, map(float, shares)))}


@app.post("/predict-many")
def predict_many(body: Many):
    shares = model.predict_proba(body.texts)
    return {"predictions": [{"label": labels[int(row.argmax())], "probabilities": dict(zip(labels, map(float, row)))} for row in shares]}


app.mount("/", StaticFiles(directory=site, html=True))
uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")
