"""A FastAPI application that knows nothing of functions."""

from fastapi import Depends, FastAPI, Header, HTTPException
from mangum import Mangum
from pydantic import BaseModel

app = FastAPI()
items: dict[int, "Item"] = {}


class Item(BaseModel):
    """What is for sale."""

    name: str
    price: float


def user(x_user: str = Header()) -> str:
    """Who asks."""
    if x_user == "nobody":
        raise HTTPException(403, "nobody may not")
    return x_user


@app.put("/items/{number}", status_code=201)
def make(number: int, item: Item, who: str = Depends(user)) -> dict[str, str]:
    """Keep an item."""
    items[number] = item
    return {"by": who}


@app.get("/items/{number}")
def read(number: int) -> Item:
    """Tell it."""
    if number not in items:
        raise HTTPException(404, "no such item")
    return items[number]


@app.get("/search")
async def search(q: str, most: int = 10) -> dict[str, object]:
    """Tell what was asked."""
    return {"q": q, "most": most}


handler = Mangum(app)
