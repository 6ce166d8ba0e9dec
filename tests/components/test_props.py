from dash import dcc, html

from components.props import MOST_PAINTED, apply


def test_what_the_page_says_is_set_and_what_a_library_draws_is_not() -> None:
    tree = html.Main([html.P(id="rate"), dcc.Store(id="rows-data")])

    apply(tree, {"rate": {"children": "12/s", "title": "all proxies"}, "rows-data": {"data": [1]}})

    assert (tree.children[0].children, tree.children[0].title) == ("12/s", "all proxies")
    assert getattr(tree.children[1], "data", None) is None


def test_more_components_than_dash_can_keep_wait_for_the_first_frame() -> None:
    tree = html.Main([html.Div(id="few"), html.Div(id="many"), html.Div(id="nested")])
    few, many = ([html.Span(str(one)) for one in range(count)] for count in (MOST_PAINTED, MOST_PAINTED + 1))

    apply(tree, {"few": {"children": few}, "many": {"children": many}, "nested": {"children": html.Div(few)}})

    assert tree.children[0].children == few
    assert [getattr(one, "children", None) for one in tree.children[1:]] == [None, None]
