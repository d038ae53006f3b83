# The networks of test/train/models.mjs in JAX: the same shapes, losses and Adam, a jitted step with donated state, rows gathered
# from data on the device in a new random order each epoch, the loss read once at the end, as `model.fit` does.
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from contender import serve

rng = np.random.default_rng(1)


def glorot(*shape):
    fan = np.prod(shape[:-2]) * (shape[-2] + shape[-1]) if len(shape) > 1 else shape[0]
    return jnp.asarray(rng.uniform(-1, 1, shape) * np.sqrt(6 / fan), jnp.float32)


def dense_params(*widths):
    return [(glorot(a, b), jnp.zeros(b)) for a, b in zip(widths, widths[1:])]


def dense(x, layers, last=lambda x: x):
    for i, (w, b) in enumerate(layers):
        x = x @ w + b
        x = last(x) if i == len(layers) - 1 else jax.nn.relu(x)
    return x


def conv(x, w, stride=1, padding="SAME"):
    return jax.lax.conv_general_dilated(x, w, (stride, stride), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def cross_entropy(probabilities, y):
    return -jnp.mean(jnp.sum(y * jnp.log(jnp.clip(probabilities, 1e-7, 1 - 1e-7)), -1))


def sparse(probabilities, y):
    return -jnp.mean(jnp.log(jnp.clip(jnp.take_along_axis(probabilities, y[..., None], -1), 1e-7, 1 - 1e-7)))


def classes(rows, *shape):
    labels = rng.integers(0, 10, rows)
    return [rng.normal(size=(rows, *shape)).astype("f"), np.eye(10, dtype="f")[labels]]


def mlp(rows):
    def loss(p, s, x, y):
        return cross_entropy(dense(x, p, jax.nn.softmax), y), s

    return dense_params(784, 512, 256, 10), (), loss, classes(rows, 784)


def cnn(rows):
    params = [glorot(3, 3, 1, 32), jnp.zeros(32), glorot(3, 3, 32, 64), jnp.zeros(64), dense_params(9216, 128, 10)]

    def loss(p, s, x, y):
        x = jax.nn.relu(conv(x, p[0], padding="VALID") + p[1])
        x = jax.nn.relu(conv(x, p[2], padding="VALID") + p[3])
        x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        return cross_entropy(dense(x.reshape(x.shape[0], -1), p[4], jax.nn.softmax), y), s

    return params, (), loss, classes(rows, 28, 28, 1)


def resnet(rows):
    params, state, plan = [], [], []

    def add(kernel, ins, outs):
        params.append((glorot(kernel, kernel, ins, outs), jnp.ones(outs), jnp.zeros(outs)))
        state.append((jnp.zeros(outs), jnp.ones(outs)))
        return len(params) - 1

    first, width = add(3, 3, 16), 16
    for stage, filters in enumerate([16, 32, 64]):
        for block in range(3):
            stride = 2 if stage > 0 and block == 0 else 1
            short = add(1, width, filters) if stride == 2 else None
            plan.append((stride, short, add(3, width, filters), add(3, filters, filters)))
            width = filters
    head = dense_params(64, 10)

    def loss(p, s, x, y):
        layers, head = p
        seen = list(s)

        def norm(i, x, stride=1):
            w, scale, offset = layers[i]
            x = conv(x, w, stride)
            mean, var = jnp.mean(x, (0, 1, 2)), jnp.var(x, (0, 1, 2))
            seen[i] = tuple(old * 0.99 + new * 0.01 for old, new in zip(s[i], (mean, var)))
            return (x - mean) * jax.lax.rsqrt(var + 1e-3) * scale + offset

        x = jax.nn.relu(norm(first, x))
        for stride, short, one, two in plan:
            side = x if short is None else norm(short, x, stride)
            x = jax.nn.relu(norm(two, jax.nn.relu(norm(one, x, stride))) + side)
        return cross_entropy(dense(jnp.mean(x, (1, 2)), head, jax.nn.softmax), y), tuple(seen)

    return (params, head), tuple(state), loss, classes(rows, 32, 32, 3)


def lstm(rows):
    params = [glorot(16, 256), glorot(64, 256), jnp.zeros(256), dense_params(64, 10)]

    def loss(p, s, x, y):
        def step(carry, x):
            h, c = carry
            i, f, g, o = jnp.split(x @ p[0] + h @ p[1] + p[2], 4, -1)
            hard = lambda v: jnp.clip(0.2 * v + 0.5, 0, 1)
            c = hard(f) * c + hard(i) * jnp.tanh(g)
            h = hard(o) * jnp.tanh(c)
            return (h, c), None

        zero = jnp.zeros((x.shape[0], 64))
        (h, _), _ = jax.lax.scan(step, (zero, zero), x.swapaxes(0, 1))
        return cross_entropy(dense(h, p[3], jax.nn.softmax), y), s

    return params, (), loss, classes(rows, 32, 16)


def gpt(rows):
    width, heads, tokens = 128, 4, 64
    norm = lambda: (jnp.ones(width), jnp.zeros(width))
    block = lambda: (norm(), glorot(width, 3 * width), dense_params(width, width), norm(), dense_params(width, 4 * width, width))
    params = [glorot(256, width), 0.02 * glorot(tokens, width), [block() for _ in range(2)], norm(), dense_params(width, 256)]

    def layer_norm(x, p):
        mean = jnp.mean(x, -1, keepdims=True)
        return (x - mean) * jax.lax.rsqrt(jnp.var(x, -1, keepdims=True) + 1e-3) * p[0] + p[1]

    def attention(x, w):
        b = x.shape[0]
        q, k, v = (x @ w).reshape(b, tokens, 3, heads, width // heads).transpose(2, 0, 3, 1, 4)
        scores = q @ k.swapaxes(-1, -2) / np.sqrt(width // heads)
        scores = jnp.where(jnp.tril(jnp.ones((tokens, tokens), bool)), scores, -1e9)
        return (jax.nn.softmax(scores) @ v).transpose(0, 2, 1, 3).reshape(b, tokens, width)

    def loss(p, s, x, y):
        x = p[0][x] + p[1]
        for n1, qkv, out, n2, hidden in p[2]:
            x = x + dense(attention(layer_norm(x, n1), qkv), out)
            x = x + dense(layer_norm(x, n2), hidden)
        return sparse(dense(layer_norm(x, p[3]), p[4], jax.nn.softmax), y), s

    ids = lambda: rng.integers(0, 256, (rows, tokens)).astype("i")
    return params, (), loss, [ids(), ids()]


def recommender(rows):
    params = [glorot(10_000, 32), glorot(5_000, 32), dense_params(80, 128, 64, 1)]

    def loss(p, s, user, item, x, y):
        x = jnp.concatenate([p[0][user], p[1][item], x], -1)
        found = jnp.clip(dense(x, p[2], jax.nn.sigmoid)[:, 0], 1e-7, 1 - 1e-7)
        return -jnp.mean(y * jnp.log(found) + (1 - y) * jnp.log(1 - found)), s

    ids = lambda n: rng.integers(0, n, rows).astype("i")
    return params, (), loss, [ids(10_000), ids(5_000), rng.normal(size=(rows, 16)).astype("f"), ids(2).astype("f")]


def trainer(make, batch, steps):
    params, state, loss, data = make(batch * steps)
    zeros = lambda: jax.tree.map(jnp.zeros_like, params)
    carry = [params, state, zeros(), zeros(), jnp.ones(2)]
    data = [jnp.asarray(column) for column in data]

    @partial(jax.jit, donate_argnums=0)
    def step(carry, rows, data):
        p, s, m, v, beta = carry
        (value, s), g = jax.value_and_grad(loss, has_aux=True)(p, s, *[column[rows] for column in data])
        beta = beta * jnp.array([0.9, 0.999])
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        p = jax.tree.map(lambda p, m, v: p - 1e-3 * (m / (1 - beta[0])) / (jnp.sqrt(v / (1 - beta[1])) + 1e-7), p, m, v)
        return [p, s, m, v, beta], value

    def run():
        nonlocal carry
        order = rng.permutation(batch * steps).astype("i").reshape(steps, batch)
        for rows in order:
            carry, value = step(carry, rows, data)
        return value

    return run


batches = {"mlp": 128, "cnn": 64, "resnet": 64, "lstm": 64, "gpt": 16, "recommender": 512}
serve({name: partial(trainer, globals()[name], batch) for name, batch in batches.items()})
