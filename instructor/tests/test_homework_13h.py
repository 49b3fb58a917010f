# ruff: noqa: E501 (what students write)
"""Homework 13h: hand-ins of many styles earn what a fair teacher gives, as their checks had said.

Each is the solution with other answers in some blanks. ``KEPT`` in a notebook stands for a training
that is done once for all. Most of them: `make test-grading`.
"""

import pytest
from inside import BLANK, THOROUGH, HandIn, Homework, adder

from grading.assignment import find

pytestmark = pytest.mark.long(40)

TRAINED = """\
def build_model(depth):
    tokens = keras.Input((None,), dtype="int32")
    h = AddPositions(64, 16)(layers.Embedding(12, 16, mask_zero=True)(tokens))
    for _ in range(depth):
        h = block(h)
    h = layers.GlobalAveragePooling1D()(h)
    return keras.Model(tokens, layers.Dense(1, activation="sigmoid")(h))


model = build_model(1)
model.set_weights(KEPT)
"""
EXPLAINED = """\
def leave_one_out(answer, tokens):
    before, found = np.asarray(answer(tokens)), []
    for t in range(tokens.shape[1]):
        less = np.array(tokens)
        less[:, t] = 0
        found.append(before - np.asarray(answer(less)))
    return np.stack(found, axis=1)


moved = abs(leave_one_out(lambda rows: model.predict(rows, verbose=0).ravel(), x_valid[:100]))
both_share = 0
for row, m in zip(x_valid[:100], moved):
    both_share += m[list(row).index(1)] > 0.1 and m[list(row).index(2)] > 0.1
both_share /= 100
explanation = f'''줄 백 개를 지워 보니 {100 * both_share:.0f}%에서 1과 2가 모두 크게 움직였습니다.
나머지 줄에서는 하나만 움직였습니다. 모델은 없는 토큰을 어느 한쪽으로 여기는 버릇이 있어서
지운 뒤에도 같은 답을 하는 것 같습니다(추측). 하나씩만 지운 것이므로 둘을 함께 지우면
달라질 수 있습니다.'''
"""
CASES: dict[str, HandIn] = {}
hand_in = adder(CASES, {"model": TRAINED, "explain": EXPLAINED})

# --- honest ---------------------------------------------------------------------------------------

hand_in("loops over everything")(
    conv="""\
        def conv1d(x, kernel, bias, dilation=1):
            out = []
            for sentence in x:
                rows = []
                for t in range(x.shape[1] - dilation * (kernel.shape[0] - 1)):
                    total = np.array(bias, "float64")
                    for k in range(kernel.shape[0]):
                        total = total + sentence[t + k * dilation] @ kernel[k]
                    rows.append(total)
                out.append(rows)
            return np.array(out)""",
    masks="""\
        def causal_mask(length):
            return np.array([[i >= j for j in range(length)] for i in range(length)])

        def padding_mask(tokens):
            return np.array([[[token != 0 for token in row]] for row in tokens])""",
    positions="""\
        def sine_positions(length, width):
            table = np.zeros((length, width))
            for t in range(length):
                for i in range(0, width, 2):
                    table[t, i] = np.sin(t / 10000 ** (i / width))
                    table[t, i + 1] = np.cos(t / 10000 ** (i / width))
            return table

        gap_without = max(abs(summary(words) - summary(words[::-1])))
        gap_with = max(abs(summary(words + places) - summary(words[::-1] + places)))""",
)
hand_in("keras.ops, tensors handed back, other names of arguments", quick=True)(
    conv="""\
        def conv1d(text, weights, b, step=1):
            text, weights = ops.cast(text, "float32"), ops.cast(weights, "float32")
            n = text.shape[1] - step * (weights.shape[0] - 1)
            out = ops.cast(b, "float32")
            for k in range(weights.shape[0]):
                out = out + ops.matmul(text[:, k * step : k * step + n], weights[k])
            return out""",
    causal="""\
        def causal_conv1d(x, kernel, bias, dilation=1):
            zeros = np.zeros((x.shape[0], dilation * (kernel.shape[0] - 1), x.shape[2]))
            return conv1d(np.concatenate([zeros, x], axis=1), kernel, bias, dilation)

        def receptive_field(widths, dilations):
            field = 1
            for i in range(len(widths)):
                field += dilations[i] * (widths[i] - 1)
            return np.int64(field)""",
    attention="""\
        def attention(q, k, v, m=None):
            q, k, v = (ops.cast(t, "float32") for t in (q, k, v))
            s = ops.matmul(q, ops.transpose(k, (0, 2, 1))) / ops.sqrt(float(q.shape[-1]))
            if m is not None:
                s = ops.where(m, s, -1e9)
            w = ops.softmax(s, axis=-1)
            return ops.matmul(w, v), w""",
    heads="""\
        def multi_head(x, a, b, c, d, mask=None):
            x = ops.cast(x, "float32")
            q, k, v = (ops.einsum("btf,fhd->bhtd", x, ops.cast(w, "float32")) for w in (a, b, c))
            scores = ops.einsum("bhtd,bhsd->bhts", q, k) / a.shape[-1] ** 0.5
            if mask is not None:
                mask = np.broadcast_to(mask, (x.shape[0], x.shape[1], x.shape[1]))
                scores = ops.where(mask[:, None], scores, -1e9)
            seen = ops.einsum("bhts,bhsd->bthd", ops.softmax(scores), v)
            return ops.einsum("bthd,hdf->btf", seen, ops.cast(d, "float32"))""",
    masks="""\
        import tensorflow as tf

        def causal_mask(length):
            return tf.linalg.band_part(tf.ones((length, length)), -1, 0) > 0

        def padding_mask(tokens):
            return tf.not_equal(tokens, 0)[:, tf.newaxis, :]""",
)
hand_in("TensorFlow as in its tutorials: float32 among what is given")(
    conv="""\
        import tensorflow as tf

        def conv1d(x, kernel, bias, dilation=1):
            steps = x.shape[1] - dilation * (kernel.shape[0] - 1)
            out = tf.zeros((x.shape[0], steps, kernel.shape[2])) + bias
            for k in range(kernel.shape[0]):
                out += tf.matmul(x[:, k * dilation : k * dilation + steps], kernel[k])
            return out""",
    causal="""\
        def causal_conv1d(x, kernel, bias, dilation=1):
            return conv1d(tf.pad(x, [[0, 0], [dilation * (len(kernel) - 1), 0], [0, 0]]), kernel, bias, dilation)

        receptive_field = lambda widths, dilations: 1.0 + np.dot(np.array(widths) - 1, dilations)""",
    attention="""\
        def attention(query, key, value, mask=None):
            scores = tf.matmul(query, key, transpose_b=True) / tf.sqrt(tf.cast(tf.shape(key)[-1], tf.float32))
            if mask is not None:
                scores += (1.0 - tf.cast(mask, tf.float32)) * -1e9
            weights = tf.nn.softmax(scores, axis=-1)
            return tf.matmul(weights, value), weights""",
    heads="""\
        def multi_head(x, w_query, w_key, w_value, w_out, mask=None):
            out = tf.zeros(x.shape)
            for h in range(w_query.shape[1]):
                q, k, v = (x @ w[:, h] for w in (w_query, w_key, w_value))
                out += attention(q, k, v, mask)[0] @ w_out[h]
            return out""",
)
hand_in("einsum and stride tricks")(
    conv="""\
        def conv1d(x, kernel, bias, dilation=1):
            reach = dilation * (len(kernel) - 1) + 1
            windows = np.lib.stride_tricks.sliding_window_view(x, reach, axis=1)
            return np.einsum("btfk,kfo->bto", windows[..., ::dilation], kernel) + bias""",
    attention="""\
        def attention(query, key, value, mask=None):
            scores = np.einsum("bqd,bkd->bqk", query, key) * query.shape[-1] ** -0.5
            scores = scores if mask is None else scores + np.where(mask, 0, -np.inf)
            scores -= scores.max(-1, keepdims=True)
            weights = np.exp(scores)
            weights /= weights.sum(-1, keepdims=True)
            return np.einsum("bqk,bkd->bqd", weights, value), weights""",
    masks="""\
        causal_mask = lambda length: (np.arange(length)[:, None] >= np.arange(length)) * 1
        padding_mask = lambda tokens: np.expand_dims(np.sign(tokens), 1)""",
    heads="""\
        def multi_head(x, w_query, w_key, w_value, w_out, mask=None):
            outputs = [
                attention(x @ w_query[:, h], x @ w_key[:, h], x @ w_value[:, h], mask)[0]
                for h in range(w_out.shape[0])
            ]
            joined = np.concatenate(outputs, axis=-1)
            return joined @ w_out.reshape(-1, w_out.shape[-1])""",
)
hand_in("a layer of its own behind the function")(
    block="""\
        class Block(layers.Layer):
            def __init__(self):
                super().__init__()
                self.supports_masking = True
                self.look = layers.MultiHeadAttention(num_heads=2, key_dim=8)
                self.first, self.second = layers.LayerNormalization(), layers.LayerNormalization()
                self.wide = layers.Dense(32, activation="relu")
                self.narrow = layers.Dense(16)
                self.add = layers.Add()

            def build(self, shape):
                self.look.build(shape, shape)
                self.first.build(shape), self.second.build(shape)
                self.wide.build(shape), self.narrow.build((*shape[:-1], 32))

            def call(self, h):
                h = self.first(self.add([h, self.look(h, h)]))
                return self.second(self.add([h, self.narrow(self.wide(h))]))


        def block(h):
            return Block()(h)""",
    model=TRAINED.replace("model.set_weights(KEPT)", "model.set_weights(KEPT_IN_ORDER(model))"),
)
hand_in("a loop over rows, one by one, with dropout inside")(
    block="""\
        def block(h, rate=0.1):
            a = layers.MultiHeadAttention(2, 8, dropout=rate)(h, h)
            a = layers.Dropout(rate)(a)
            h = layers.LayerNormalization(epsilon=1e-6)(layers.add([h, a]))
            f = keras.Sequential([layers.Dense(32, "relu"), layers.Dense(16)])(h)
            return layers.LayerNormalization(epsilon=1e-6)(layers.add([h, layers.Dropout(rate)(f)]))""",
    model=TRAINED.replace("model.set_weights(KEPT)", "model.set_weights(KEPT_IN_ORDER(model))"),
    explain="""\
        def leave_one_out(answer, tokens):
            effects = []
            for row in tokens:
                copies = np.array([row] * (len(row) + 1))
                for place in range(len(row)):
                    copies[place + 1, place] = 0
                p = np.array(answer(copies)).reshape(-1)
                effects.append(p[0] - p[1:])
            return np.array(effects)

        e = leave_one_out(lambda r: np.array(model(r))[:, 0], x_valid[:100])
        one = np.abs(e[x_valid[:100] == 1]) > 0.1
        two = np.abs(e[x_valid[:100] == 2]) > 0.1
        both_share = (one * two).sum() / 100
        explanation = f"지운 뒤의 확률을 보면 1과 2가 모두 크게 움직인 줄이 {both_share:.3f}입니다. " + (
            "이 모델은 문제가 묻는 토큰을 쓰고 있고, 다른 숫자는 거의 쓰지 않습니다. 하나만 움직인 줄을 보면 "
            "지운 토큰이 없어도 답이 그대로였습니다. 없을 때의 답이 정해져 있기 때문일 것입니다(추측)."
        )""",
)
hand_in("names that the checks use, too")(
    conv="""\
        def conv1d(x, kernel, bias, dilation=1):
            length = x.shape[1] - dilation * (len(kernel) - 1)
            return bias + sum(
                x[:, k * dilation : k * dilation + length] @ kernel[k] for k in range(len(kernel))
            )

        given = wanted = chance = points = said = message = layer = one = "mine"
        answers = share = mine = tokens = plain = apart = short = longer = sizes = None""",
)
hand_in("float32 throughout, two functions in one")(
    attention="""\
        def weights_of(query, key, mask):
            scores = np.matmul(query, np.transpose(key, (0, 2, 1))).astype("float32")
            scores = scores / np.float32(np.sqrt(key.shape[-1]))
            if mask is not None:
                scores = np.where(np.asarray(mask, bool), scores, np.float32(-1e30))
            e = np.exp(scores - np.max(scores, axis=2)[:, :, None])
            return e / np.sum(e, axis=2)[:, :, None]

        def attention(query, key, value, mask=None):
            w = weights_of(query, key, mask)
            return [np.matmul(w, value.astype("float32")), w]""",
    positions="""\
        def sine_positions(length, width):
            t = np.arange(length, dtype="float32").reshape(-1, 1)
            rate = np.exp(-np.log(10000.0) * np.arange(0, width, 2, dtype="float32") / width)
            p = np.empty((length, width), "float32")
            p[:, 0::2], p[:, 1::2] = np.sin(t * rate), np.cos(t * rate)
            return p

        gap_without = float(np.max(np.abs(summary(words) - summary(np.flip(words, 0)))))
        gap_with = np.float32(np.linalg.norm(summary(words + places) - summary(np.flip(words, 0) + places), np.inf))""",
)

# --- not all of it, or wrong: each fault costs its own points -------------------------------------

hand_in(
    "dilation forgotten, no mask, no scale",
    {"part1_conv": 9, "part1_causal": 4, "part2_attention": 9, "part2_heads": 6},
    "팽창이 2일 때",
)(
    conv="""\
        def conv1d(x, kernel, bias, dilation=1):
            places = x.shape[1] - len(kernel) + 1
            return bias + sum(x[:, k : k + places] @ kernel[k] for k in range(len(kernel)))""",
    attention="""\
        def attention(query, key, value, mask=None):
            scores = query @ key.swapaxes(1, 2) / np.sqrt(query.shape[2])
            scores = np.exp(scores - scores.max(2, keepdims=True))
            weights = scores / scores.sum(2, keepdims=True)
            return weights @ value, weights""",
)
hand_in(
    "no scale, exp of what is large", {"part2_attention": 0, "part2_heads": 0}, "점수가 아주 클 때"
)(
    attention="""\
        def attention(query, key, value, mask=None):
            scores = query @ key.swapaxes(1, 2)
            scores = np.exp(scores if mask is None else np.where(mask, scores, -1e9))
            weights = scores / scores.sum(2, keepdims=True)
            return weights @ value, weights""",
)
hand_in(
    "names mistyped, prose in a markdown cell",
    {"part1_causal": 4, "part3_positions": 8, "part5_explain": 11},
    "gap_with이(가) 없거나",
    quick=True,
)(
    causal="""\
        def casual_conv1d(x, kernel, bias, dilation=1):
            return conv1d(np.pad(x, ((0, 0), (dilation * (len(kernel) - 1), 0), (0, 0))), kernel, bias, dilation)

        def receptive_field(widths, dilations):
            return 1 + sum((w - 1) * d for w, d in zip(widths, dilations))""",
    positions="""\
        def sine_positions(length, width):
            angles = np.arange(length)[:, None] / 10_000 ** (np.arange(0, width, 2) / width)
            return np.stack([np.sin(angles), np.cos(angles)], -1).reshape(length, width)

        gap_without = np.abs(summary(words) - summary(words[::-1])).max()
        gap_wtih = np.abs(summary(words + places) - summary(words[::-1] + places)).max()""",
    explain=EXPLAINED.replace("explanation =", "explaination ="),
)
hand_in(
    "the mask is lost, the order of the norm is another",
    {"part4_block": 3, "part4_model": (0, 12)},
    "패딩을 붙이면",
)(
    block="""\
        def block(h):
            n = layers.LayerNormalization()(h)
            h = h + layers.MultiHeadAttention(2, 8)(n, n)
            n = layers.LayerNormalization()(h)
            return h + layers.Dense(16)(layers.Dense(32, activation="relu")(n))""",
    model=TRAINED.replace("model.set_weights(KEPT)", ""),
)
hand_in(
    "one block for all, untrained", {"part4_block": 5, "part4_model": (0, 12)}, "층마다 같은 만큼"
)(
    block="""\
        shared = [layers.MultiHeadAttention(2, 8), layers.LayerNormalization()]

        def block(h):
            return shared[1](layers.Add()([h, shared[0](h, h)]))""",
    model=TRAINED.replace("model.set_weights(KEPT)", ""),
)
hand_in(
    "sine and cosine in halves, a length that cannot grow",
    {"part3_positions": 4, "part4_model": (0, 12)},
    "sine_positions가 없거나",
)(
    positions="""\
        def sine_positions(length, width):
            angles = np.arange(length)[:, None] / 10_000 ** (np.arange(0, width, 2) / width)
            return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)

        gap_without = np.abs(summary(words) - summary(words[::-1])).max()
        gap_with = np.abs(summary(words + places) - summary(words[::-1] + places)).max()""",
    model=TRAINED.replace("Input((None,)", "Input((10,)"),
)
hand_in(
    "the difference the wrong way round, a share made up",
    {"part5_explain": 4},
    "leave_one_out이 없거나",
)(
    explain=EXPLAINED.replace(
        "before - np.asarray(answer(less))", "np.asarray(answer(less)) - before"
    ).replace("both_share /= 100", "both_share = 0.5"),
)
hand_in(
    "nothing but part 2.2",
    {"part1": 0, "part2_attention": 0, "part2_heads": 0, "part3": 0, "part4": 0, "part5": 0},
    "model의 정확도를 재지 못했습니다",
    quick=True,
)(
    **dict.fromkeys(
        ["conv", "causal", "attention", "heads", "positions", "block", "model", "explain"],
        BLANK,
    ),
)


NAMES = [name for name, case in CASES.items() if case.quick or THOROUGH]


@pytest.fixture(scope="module")
def homework(tmp_path_factory):
    return Homework(find("13h"), tmp_path_factory.mktemp("13h"))


@pytest.fixture(scope="module")
def trained(homework):
    """The solution's network; the solution earns everything, the other hand-ins get its weights."""
    return homework.is_fair_to(HandIn({}, {}, "", True)).names["model"]


def in_order(trained):
    """The trained weights in the order of another model, whose layers were made in another one."""

    def kind(weight):
        return weight.name.partition("_")[0], tuple(weight.shape)

    def order(model):
        left, found = list(trained.weights), []
        for wanted in model.weights:
            place = [kind(weight) for weight in left].index(kind(wanted))
            found.append(left.pop(place).numpy())
        return found

    return order


@pytest.mark.parametrize("name", NAMES)
def test_a_hand_in_earns_what_a_fair_teacher_gives(homework, trained, name):
    kept = {"KEPT": trained.get_weights(), "KEPT_IN_ORDER": in_order(trained)}
    homework.is_fair_to(CASES[name], **kept)
