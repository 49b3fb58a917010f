"""Homework 13h, looking: hand-ins of many styles earn what a fair teacher gives.

Most of them: `make test-grading`.
"""

from inside import THOROUGH, HandIn, adder, held_to, left

FIT = "model.fit(x_train, y_train, **options)"
# Trained once for all; ``KEPT`` is a list that the rows share.
TRAINED = {FIT: f"model.set_weights(KEPT) if KEPT else {FIT}\nKEPT[:] = model.get_weights()"}
UNTRAINED = {FIT: ""}
CASES: dict[str, HandIn] = {}
hand_in = adder(CASES, {"model": TRAINED})

# --- honest ---------------------------------------------------------------------------------------

hand_in("the solution", quick=True)()
hand_in("loops over everything")(
    conv="""\
        def conv1d(x, kernel, bias, dilation=1):
            out = []
            for sentence in x:
                rows = []
                for t in range(x.shape[1] - dilation * (kernel.shape[0] - 1)):
                    rows.append(bias + sum(sentence[t + k * dilation] @ w for k, w in enumerate(kernel)))
                out.append(rows)
            return np.array(out)""",
    masks="""\
        causal_mask = lambda n: [[i >= j for j in range(n)] for i in range(n)]
        padding_mask = lambda tokens: np.array([[[token != 0 for token in row]] for row in tokens])""",
    positions="""\
        def sine_positions(length, width):
            table = np.zeros((length, width))
            for t in range(length):
                for i in range(0, width, 2):
                    angle = t / 10000 ** (i / width)
                    table[t, i], table[t, i + 1] = np.sin(angle), np.cos(angle)
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
    causal={"1 + sum": "np.int64(1) + sum"},
    attention="""\
        def attention(q, k, v, m=None):
            q, k, v = (ops.cast(t, "float32") for t in (q, k, v))
            s = ops.matmul(q, ops.transpose(k, (0, 2, 1))) / ops.sqrt(float(q.shape[-1]))
            w = ops.softmax(s if m is None else ops.where(m, s, -1e9), axis=-1)
            return ops.matmul(w, v), w""",
    heads={"total = 0": "total = ops.zeros(x.shape)"},
    masks="""\
        import tensorflow as tf
        causal_mask = lambda length: tf.linalg.band_part(tf.ones((length, length)), -1, 0) > 0
        padding_mask = lambda tokens: tf.not_equal(tokens, 0)[:, tf.newaxis, :]""",
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
    causal={
        "np.pad(np.asarray(x), ((0, 0), (before, 0), (0, 0)))": "tf.pad(x, [[0, 0], [before, 0], [0, 0]])",
        "1 + sum": "1.0 + sum",
    },
    attention="""\
        def attention(query, key, value, mask=None):
            scores = tf.matmul(query, key, transpose_b=True) / tf.sqrt(tf.cast(tf.shape(key)[-1], tf.float32))
            if mask is not None:
                scores += (1.0 - tf.cast(mask, tf.float32)) * -1e9
            weights = tf.nn.softmax(scores, axis=-1)
            return tf.matmul(weights, value), weights""",
    heads={"total = 0": "total = tf.zeros(x.shape)"},
)
hand_in("einsum and stride tricks, other words")(
    conv="""\
        def conv1d(x, kernel, bias, dilation=1):
            reach = dilation * (len(kernel) - 1) + 1
            windows = np.lib.stride_tricks.sliding_window_view(x, reach, axis=1)
            return np.einsum("btfk,kfo->bto", windows[..., ::dilation], kernel) + bias""",
    attention={
        "query @ np.swapaxes(key, -1, -2) / np.sqrt(query.shape[-1])": 'np.einsum("bqd,bkd->bqk", query, key) * query.shape[-1] ** -0.5',
        "np.where(mask, scores, -1e9)": "scores + np.where(mask, 0, -np.inf)",
    },
    masks="""\
        causal_mask = lambda length: (np.arange(length)[:, None] >= np.arange(length)) * 1
        padding_mask = lambda tokens: np.expand_dims(np.sign(tokens), 1)""",
    heads="""\
        def multi_head(x, w_query, w_key, w_value, w_out, mask=None):
            sides = w_query, w_key, w_value
            outputs = [attention(*(x @ w[:, h] for w in sides), mask)[0] for h in range(len(w_out))]
            return np.concatenate(outputs, axis=-1) @ w_out.reshape(-1, w_out.shape[-1])""",
    explain={"{both_share:.2f}": "{100 * both_share:.0f}%"},
)
hand_in("a layer of its own behind the function")(
    block="""\
        class Block(layers.Layer):
            def __init__(self):
                super().__init__()
                self.supports_masking = True
                self.look = layers.MultiHeadAttention(num_heads=2, key_dim=8)
                self.first, self.second = layers.LayerNormalization(), layers.LayerNormalization()
                self.wide, self.narrow = layers.Dense(32, activation="relu"), layers.Dense(16)
                self.add = layers.Add()

            def call(self, h):
                h = self.first(self.add([h, self.look(h, h)]))
                return self.second(self.add([h, self.narrow(self.wide(h))]))

        block = lambda h: Block()(h)""",
    model={},
)
hand_in("a loop over rows, one by one, with dropout inside")(
    block="""\
        def block(h, rate=0.1):
            a = layers.MultiHeadAttention(2, 8, dropout=rate)(h, h)
            a = layers.Dropout(rate)(a)
            h = layers.LayerNormalization(epsilon=1e-6)(layers.add([h, a]))
            f = keras.Sequential([layers.Dense(32, "relu"), layers.Dense(16)])(h)
            return layers.LayerNormalization(epsilon=1e-6)(layers.add([h, layers.Dropout(rate)(f)]))""",
    model={},
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
        one, two = (np.abs(e[x_valid[:100] == n]) > 0.1 for n in (1, 2))
        both_share = (one * two).sum() / 100
        explanation = f"지운 뒤의 확률을 보면 1과 2가 모두 크게 움직인 줄이 {both_share:.3f}입니다. " + (
            "이 모델은 문제가 묻는 토큰을 쓰고 있고, 다른 숫자는 거의 쓰지 않습니다. 하나만 움직인 줄을 보면 "
            "지운 토큰이 없어도 답이 그대로였습니다. 없을 때의 답이 정해져 있기 때문일 것입니다(추측)."
        )""",
)
hand_in("loops that lean on the shapes told, two blocks", quick=True)(
    attention="""\
        def attention(query, key, value, mask=None):
            out, weights = np.zeros(query.shape), np.zeros((*query.shape[:2], key.shape[1]))
            for i, (q, k, v) in enumerate(zip(query, key, value)):
                for j, one in enumerate(q):
                    scores = k @ one / query.shape[-1] ** 0.5
                    if mask is not None:
                        shown = np.broadcast_to(mask, weights.shape)[i, j]
                        scores = np.where(shown, scores, -1e9)
                    e = np.exp(scores - scores.max())
                    weights[i, j] = e / e.sum()
                    out[i, j] = weights[i, j] @ v
            return out, weights""",
    model={"model = build_model(1)": "model = build_model(2)"},
)
hand_in("a mask a text", quick=True)(
    heads="""\
        def multi_head(x, w_query, w_key, w_value, w_out, mask=None):
            out = []
            for i, text in enumerate(x):
                seen = None if mask is None else mask[i][None]
                heads = range(w_out.shape[0])
                sides = [[(text @ w[:, h])[None] for w in (w_query, w_key, w_value)] for h in heads]
                out.append(sum(attention(*sides[h], seen)[0][0] @ w_out[h] for h in heads))
            return np.array(out)"""
)
hand_in("names that the checks use, too")(
    conv={
        "def conv1d": 'given = wanted = chance = points = said = message = layer = one = "mine"\n'
        "answers = share = mine = tokens = plain = apart = short = longer = sizes = None\n\n\ndef conv1d"
    },
)
hand_in("float32 throughout, a list for a pair")(
    attention={
        "return weights @ value, weights": 'return [np.float32(weights @ value), weights.astype("f")]',
        "-1e9": "np.float32(-1e30)",
    },
    positions={
        "np.arange(length)": 'np.arange(length, dtype="float32")',
        "waves.reshape(length, width)": 'waves.reshape(length, width).astype("float32")',
        "np.abs(summary(words) - summary(turned)).max()": "float(max(abs(summary(words) - summary(turned))))",
        "np.abs(summary(words + places) - summary(turned + places)).max()": "np.float32(np.linalg.norm(summary(words + places) - summary(turned + places), np.inf))",
    },
)

# --- not all of it, or wrong: each fault costs its own points -------------------------------------

hand_in(
    "dilation forgotten, no mask",
    {"part1_conv": 9, "part1_causal": 4, "part2_attention": 9, "part2_heads": 6},
    "팽창이 2일 때",
)(
    conv={"dilation * (len": "(len", "k * dilation": "k"},
    attention={"np.where(mask, scores, -1e9)": "scores"},
)
hand_in(
    "no scale, exp of what is large", {"part2_attention": 0, "part2_heads": 0}, "점수가 아주 클 때"
)(attention={" / np.sqrt(query.shape[-1])": "", " - scores.max(axis=-1, keepdims=True)": ""})
hand_in(
    "names mistyped, prose in a markdown cell",
    {"part1_causal": 4, "part3_positions": 8, "part5_explain": 11},
    "gap_with이(가) 없거나",
    quick=True,
)(
    causal={"causal_conv1d": "casual_conv1d"},
    positions={"gap_with =": "gap_wtih ="},
    explain={"explanation": "explaination"},
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
    model=UNTRAINED,
)
hand_in(
    "one block for all, untrained", {"part4_block": 5, "part4_model": (0, 12)}, "층마다 같은 만큼"
)(
    block="""\
        shared = [layers.MultiHeadAttention(2, 8), layers.LayerNormalization()]
        block = lambda h: shared[1](layers.Add()([h, shared[0](h, h)]))""",
    model=UNTRAINED,
)
hand_in(
    "sine and cosine in halves, a length that cannot grow",
    {"part3_positions": 4, "part4_model": (0, 12)},
    "sine_positions가 없거나",
)(
    positions={
        "np.stack([np.sin(angles), np.cos(angles)], axis=-1)": "np.hstack([np.sin(angles), np.cos(angles)])"
    },
    model={"Input((None,)": "Input((10,)"} | TRAINED,
)
hand_in(
    "the difference the wrong way round, a share made up",
    {"part5_explain": 4},
    "leave_one_out이 없거나",
)(
    explain={
        "before - np.asarray(answer(without))": "np.asarray(answer(without)) - before",
        "np.mean((one > 0.1) & (two > 0.1))": "0.5",
    },
)
hand_in("nothing but part 2.2", says="model의 정확도를 재지 못했습니다", quick=True)(
    **left("conv causal attention heads positions block model explain")
)

test_a_hand_in_earns_what_a_fair_teacher_gives = held_to(
    "13h", {name: row for name, row in CASES.items() if row.quick or THOROUGH}, KEPT=[]
)
