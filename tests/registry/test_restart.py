"""A restart keeps versions, the one in service, and every score, bit for bit."""


def test_everything_is_there_again(serve, database, past_decisions):
    first = serve(**database)
    for query in ("", "?network=single_neuron", "?seed=5&hidden_units=3&starts=2&threshold=0.3"):
        first.post(f"/train{query}", past_decisions)
    first.put("/model", {"version": 1})
    paths = ["/model", "/model/versions", "/model/versions/3", "/readyz"]
    before = [first.get(path).content for path in paths]
    files = [first.get(f"/model/versions/{number}/weights").content for number in (1, 2, 3)]
    scores = [first.post(f"/predict?model_version={number}", past_decisions).content for number in (1, 2, 3)]
    etag = first.get("/model").headers["ETag"]
    first.close()

    second = serve(**database)
    assert second is not first
    assert [second.get(path).content for path in paths] == before
    assert [second.get(f"/model/versions/{number}/weights").content for number in (1, 2, 3)] == files
    assert [second.post(f"/predict?model_version={n}", past_decisions).content for n in (1, 2, 3)] == scores
    assert second.get("/model", If_None_Match=etag).status_code == 304
    assert second.post("/predict", past_decisions).content == scores[0]
    assert second.post("/train?network=single_neuron", past_decisions).json()["version"] == 4


def test_closing_folds_everything_into_one_file(serve, past_decisions):
    service = serve()
    service.post("/train?network=single_neuron", past_decisions)
    service.close()
    assert [file.name for file in service.data_dir.iterdir()] == ["promotion.db"]


def test_two_services_on_one_database(serve, database, past_decisions):
    one, two = serve(**database), serve(**database)
    assert two.get("/readyz").json()["model_version"] is None
    model = one.post("/train", past_decisions).json()
    assert two.get("/model").json() == model
    assert two.post("/predict", past_decisions).content == one.post("/predict", past_decisions).content
    two.post("/train?network=single_neuron", past_decisions)
    assert one.post("/predict", past_decisions[:1]).json()["model_version"] == 2
    one.put("/model", {"version": 1})
    assert two.post("/predict", past_decisions[:1]).json()["model_version"] == 1
    request = ("POST", "/train?network=single_neuron", {"json": {"employees": past_decisions}})
    numbers = [one.together(request, request), two.together(request)]
    assert [answer.json()["version"] for answers in numbers for answer in answers] in ([3, 4, 5], [4, 3, 5])
