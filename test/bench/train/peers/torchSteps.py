# The networks of test/train/models.mjs in PyTorch: the same shapes, losses and Adam, eager, rows gathered in a new random order
# each epoch, the loss read once at the end, as `model.fit` does.
import os

import torch
from contender import serve
from torch import nn

torch.manual_seed(1)
torch.set_num_threads(os.cpu_count())


class Reshaped(nn.Module):
    def __init__(self, change):
        super().__init__()
        self.change = change

    def forward(self, x):
        return self.change(x)


def classes(rows, *shape):
    return [torch.randn(rows, *shape), torch.randint(0, 10, (rows,))]


def mlp(rows):
    net = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))
    return net, nn.CrossEntropyLoss(), classes(rows, 784)


def cnn(rows):
    net = nn.Sequential(
        *[nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()],
        *[nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10)],
    )
    return net, nn.CrossEntropyLoss(), classes(rows, 1, 28, 28)


class Block(nn.Module):
    def __init__(self, ins, outs, stride):
        super().__init__()
        norm = lambda kernel, a, b, s: [nn.Conv2d(a, b, kernel, s, kernel // 2, bias=False), nn.BatchNorm2d(b)]
        self.long = nn.Sequential(*norm(3, ins, outs, stride), nn.ReLU(), *norm(3, outs, outs, 1))
        self.short = nn.Sequential(*norm(1, ins, outs, stride)) if stride == 2 else nn.Identity()

    def forward(self, x):
        return torch.relu(self.long(x) + self.short(x))


def resnet(rows):
    blocks, width = [], 16
    for stage, filters in enumerate([16, 32, 64]):
        for block in range(3):
            blocks.append(Block(width, filters, 2 if stage > 0 and block == 0 else 1))
            width = filters
    stem = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    net = nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    return net, nn.CrossEntropyLoss(), classes(rows, 3, 32, 32)


class Last(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(16, 64, batch_first=True), nn.Linear(64, 10)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


def lstm(rows):
    return Last(), nn.CrossEntropyLoss(), classes(rows, 32, 16)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.qkv, self.out = heads, nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width)

    def forward(self, x):
        b, t, width = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) / (width // self.heads) ** 0.5
        scores = scores.masked_fill(torch.ones(t, t).tril() == 0, -1e9)
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, width))


class Gpt(nn.Module):
    def __init__(self, width=128, heads=4, tokens=64):
        super().__init__()
        self.embedding, self.positions = nn.Embedding(256, width), nn.Parameter(0.02 * torch.randn(tokens, width))
        hidden = lambda: nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width))
        parts = lambda: [nn.LayerNorm(width), Attention(width, heads), nn.LayerNorm(width), hidden()]
        self.blocks = nn.ModuleList([nn.ModuleList(parts()) for _ in range(2)])
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 256))

    def forward(self, x):
        x = self.embedding(x) + self.positions
        for norm, attention, second, hidden in self.blocks:
            x = x + attention(norm(x))
            x = x + hidden(second(x))
        return self.head(x).transpose(1, 2)


def gpt(rows):
    ids = lambda: torch.randint(0, 256, (rows, 64))
    return Gpt(), nn.CrossEntropyLoss(), [ids(), ids()]


class Recommender(nn.Module):
    def __init__(self):
        super().__init__()
        self.users, self.items = nn.Embedding(10_000, 32), nn.Embedding(5_000, 32)
        self.net = nn.Sequential(nn.Linear(80, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1), nn.Sigmoid())

    def forward(self, user, item, x):
        return self.net(torch.cat([self.users(user), self.items(item), x], -1))[:, 0]


def recommender(rows):
    ids = lambda n: torch.randint(0, n, (rows,))
    return Recommender(), nn.BCELoss(), [ids(10_000), ids(5_000), torch.randn(rows, 16), ids(2).float()]


def trainer(make, batch, steps):
    net, loss, data = make(batch * steps)
    adam = torch.optim.Adam(net.parameters(), 1e-3)

    def run():
        for rows in torch.randperm(batch * steps).view(steps, batch):
            *x, y = [column[rows] for column in data]
            adam.zero_grad(set_to_none=True)
            value = loss(net(*x), y)
            value.backward()
            adam.step()
        return value.item()

    return run


batches = {"mlp": 128, "cnn": 64, "resnet": 64, "lstm": 64, "gpt": 16, "recommender": 512}
serve({name: lambda steps, make=globals()[name], batch=batch: trainer(make, batch, steps) for name, batch in batches.items()})
