"""Homework 05h, order by hand: each hand-in earns what a fair teacher gives."""

import pytest
from inside import BLANK, HandIn, Homework, adder

from grading.assignment import find

pytestmark = pytest.mark.long(40)

CASES: dict[str, HandIn] = {}
# What takes longer than the rest of it; hand-ins that differ elsewhere leave it out.
hand_in = adder(CASES, {"network": BLANK, "why": BLANK}, {"part4_network": 0, "part4_why": 0})
with_network = adder(CASES)
LOOP = """\
    def run_masked(sequences, shown, W, U, b):
        last = np.zeros((len(sequences), U.shape[0]))
        for i, row in enumerate(sequences):
            for t, x in enumerate(row):
                if shown[i][t]:
                    last[i] = np.tanh(x @ W + last[i] @ U + b)
        return last"""

# --- honest, whole or in part --------------------------------------------------------------------

hand_in("the solution")()
hand_in("np.dot, dictionaries, loops over reviews")(
    rnn_step="rnn_step = lambda x, h, W, U, b: np.tanh(np.dot(x, W) + np.dot(h, U) + b)",
    run_rnn="""\
        def run_rnn(sequences, W, U, b):
            out = np.empty(sequences.shape[:2] + (U.shape[1],))
            for i in range(sequences.shape[0]):
                h = np.zeros(U.shape[1])
                for t in range(sequences.shape[1]):
                    h = np.tanh(sequences[i, t] @ W + h @ U + b)
                    out[i, t] = h
            return out""",
    gradient="""\
        def step_gradient(x, h, W, U, b, slope):
            new = rnn_step(x, h, W, U, b)
            d = slope - slope * new ** 2
            return [np.einsum("nj,ij->ni", d, U), np.einsum("ni,nj->ij", x, d),
                    np.einsum("ni,nj->ij", h, d), np.sum(d, 0)]""",
    run_masked=LOOP,
)
hand_in("TensorFlow in place of hands")(
    rnn_step="rnn_step = lambda x, h, W, U, b: tf.tanh(tf.matmul(x, W) + tf.matmul(h, U) + b)",
    run_rnn="""\
        def run_rnn(sequences, W, U, b):
            layer = layers.SimpleRNN(len(b), return_sequences=True)
            layer.build(sequences.shape)
            layer.set_weights([W, U, b])
            return layer(np.asarray(sequences, "float32"))""",
    gradient="""\
        def step_gradient(x, h, W, U, b, slope):
            given = [tf.Variable(np.asarray(a, "float32")) for a in (h, W, U, b)]
            with tf.GradientTape() as tape:
                new = tf.tanh(np.asarray(x, "float32") @ given[1] + given[0] @ given[2] + given[3])
                value = tf.reduce_sum(new * np.asarray(slope, "float32"))
            return tape.gradient(value, given)""",
    gru_step="""\
        def gru_step(x, h, W, U, b):
            cell = layers.GRUCell(h.shape[1], reset_after=False)
            cell.build(x.shape)
            cell.set_weights([W, U, b])
            return cell(np.asarray(x, "float32"), [np.asarray(h, "float32")])[0]""",
    run_masked="""\
        def run_masked(sequences, shown, W, U, b):
            layer = layers.SimpleRNN(len(b))
            layer.build(sequences.shape)
            layer.set_weights([W, U, b])
            return layer(np.asarray(sequences, "float32"), mask=tf.constant(shown))""",
)
hand_in("TensorFlow as in its tutorials: states of float32")(
    rnn_step="rnn_step = lambda x, h, W, U, b: tf.tanh(tf.matmul(x, W) + tf.matmul(h, U) + b)",
    run_rnn="""\
        def run_rnn(sequences, W, U, b):
            states = [tf.zeros((len(sequences), U.shape[0]))]
            for t in range(sequences.shape[1]):
                states.append(rnn_step(sequences[:, t], states[-1], W, U, b))
            return tf.stack(states[1:], axis=1)""",
    gradient="""\
        def step_gradient(x, h, W, U, b, slope):
            given = [tf.Variable(a) for a in (h, W, U, b)]
            with tf.GradientTape() as tape:
                value = tf.reduce_sum(rnn_step(x, *given) * tf.cast(slope, tf.float32))
            return tape.gradient(value, given)""",
    run_masked="""\
        def run_masked(sequences, shown, W, U, b):
            h = tf.zeros((len(sequences), U.shape[0]))
            for t in range(sequences.shape[1]):
                m = tf.cast(shown[:, t : t + 1], tf.float32)
                h = m * rnn_step(sequences[:, t], h, W, U, b) + (1 - m) * h
            return h""",
)
hand_in("a class of its own, everything float32")(
    gru_step="""\
        class Gru:
            def __init__(self, W, U, b):
                self.W, self.U, self.b, self.n = W, U, b, len(b) // 3

            def part(self, x, h, i):
                s = slice(i * self.n, (i + 1) * self.n)
                return x @ self.W[:, s] + h @ self.U[:, s] + self.b[s]

            def __call__(self, x, h):
                z, r = (1 / (1 + np.exp(-self.part(x, h, i))) for i in (0, 1))
                new = np.tanh(self.part(x, r * h, 2))
                return (h - new) * z + new

        def gru_step(x, h, W, U, b):
            return Gru(*(np.float32(a) for a in (W, U, b)))(np.float32(x), np.float32(h))""",
)
hand_in("pad and mask by slices, lists given back")(
    padding="""\
        def pad(sequences, maxlen):
            return [([0] * maxlen + list(s))[-maxlen:] for s in sequences]

        def mask(padded):
            return [[int(n > 0) for n in row] for row in np.array(padded)]""",
    bag="""\
        from sklearn.naive_bayes import MultinomialNB

        def counts(x):
            return np.eye(len(vocabulary))[x].sum(1)[:, 1:]

        model0 = MultinomialNB().fit(counts(x_train), y_train)
        bag_right = list(model0.predict(counts(x_valid)) == y_valid)""",
)
hand_in("only the last state", {"part1_run": 4}, "마지막 상태만")(
    run_rnn="""\
        def run_rnn(sequences, W, U, b):
            h = 0 * sequences[:, 0] @ W
            for t in range(sequences.shape[1]):
                h = np.tanh(sequences[:, t] @ W + h @ U + b)
            return h""",
)
hand_in(
    "1.1 left out, its own in the others",
    {"part1_step": 0, "part1_run": 0, "part1_gradient": 0},
    "rnn_step을 부를 수 없었습니다",
)(
    rnn_step=BLANK,
    run_rnn=BLANK,
    gradient=BLANK,
    run_masked=LOOP,
)
hand_in("the update gate the other way round", {"part2_gru": 7}, "갱신 게이트가 거꾸로")(
    gru_step="""\
        def gru_step(x, h, W, U, b):
            s = lambda a: 1 / (1 + np.exp(-a))
            n = h.shape[1]
            z = s(x @ W[:, :n] + h @ U[:, :n] + b[:n])
            r = s(x @ W[:, n:2*n] + h @ U[:, n:2*n] + b[n:2*n])
            c = np.tanh(x @ W[:, 2*n:] + (r * h) @ U[:, 2*n:] + b[2*n:])
            return (1 - z) * h + z * c""",
)
hand_in(
    "half of the gradients, only padding in front",
    {"part1_gradient": 8, "part3_masked": 6},
    "기울기가 없거나 다른 것: U, b",
)(
    gradient="""\
        def step_gradient(x, h, W, U, b, slope):
            d = slope * (1 - np.tanh(x @ W + h @ U + b) ** 2)
            return d @ U.T, x.T @ d, None, d.mean(axis=0)""",
    run_masked="""\
        def run_masked(sequences, shown, W, U, b):
            h = np.zeros((len(sequences), len(U)))
            for t in range(sequences.shape[1]):
                h = np.tanh(sequences[:, t] @ W + h @ U + b) * np.array(shown)[:, t, None]
            return h""",
)
# --- with a network ------------------------------------------------------------------------------

with_network("two outputs, LSTM, functional")(
    network="""\
        inputs = keras.Input((10,), dtype="int32")
        h = layers.Embedding(20, 16)(inputs)
        outputs = layers.Dense(2, activation="softmax")(layers.LSTM(24)(h))
        model = keras.Model(inputs, outputs)
        model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
        model.fit(x_train, y_train, batch_size=64, epochs=15, verbose=0)""",
    why='why = "가방은 50%밖에 못 맞히는데 LSTM은 99%쯤 맞힙니다. 네 편의 단어가 모두 같아서 세기만 하면 같은 글이기 때문이고, LSTM은 앞뒤를 읽습니다."',
)
with_network("a network that pools", {"part4_network": 0, "part4_why": 0}, "60자가 되지 않습니다")(
    network="""\
        model = keras.Sequential([layers.Embedding(20, 8), layers.GlobalAveragePooling1D(), layers.Dense(1)])
        model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
        model.fit(x_train, y_train, batch_size=256, epochs=2, verbose=0)""",
    why="why = '순서'",
)
# --- wrong: each fault costs its own points ------------------------------------------------------

NET = """\
    inner = keras.Sequential([layers.Embedding(20, 16, mask_zero=True), layers.GRU(24), layers.Dense(1, "sigmoid")])
    inner.compile(keras.optimizers.Adam(0.01), "binary_crossentropy")
    inner.fit(x_train, y_train, epochs=8, batch_size=128, verbose=0)

    class Net(keras.Model):
        def call(self, x):
            {}
            return inner(x)

    model = Net()"""
with_network("a network that asks for a number", {"part4_network": 0}, "다시 실행하지 못했습니다")(
    network=NET.format("assert float(tf.reduce_max(x).numpy()) < 20"),
    why='why = f"검증 정확도 0.500→{np.mean((model(x_valid)[:, 0] > 0.5) == y_valid):.3f}. " + "가방은 네 편을 가리지 못합니다. " * 3',
)
with_network("a tf.print left in a network", {"part4_network": 0}, "PrintV2")(
    network=NET.format("tf.print(x.shape, output_stream='file:///dev/null')")
)
hand_in(
    "no tanh, state not handed on",
    {"part1_step": 0, "part1_run": 0, "part1_gradient": 0, "part3_masked": 0},
    "tanh를 씌웁니다",
)(
    rnn_step="rnn_step = lambda x, h, W, U, b: x @ W + h @ U + b",
    run_rnn="""\
        def run_rnn(sequences, W, U, b):
            return np.tanh(sequences @ W + b)""",
    gradient=BLANK,
    run_masked=BLANK,
)
hand_in("the gradient without the tanh", {"part1_gradient": 0}, "지난 상태, W, U, b")(
    gradient="""\
        def step_gradient(x, h, W, U, b, slope):
            return slope @ U.T, x.T @ slope, h.T @ slope, slope.sum(0)""",
)
hand_in("gates in another order", {"part2_gru": 0}, "z, r, h의 차례")(
    gru_step="""\
        def gru_step(x, h, W, U, b):
            s = lambda a: 1 / (1 + np.exp(-a))
            (R, Z, C), (r_, z_, c_), (br, bz, bc) = np.split(W, 3, 1), np.split(U, 3, 1), np.split(b, 3)
            r, z = s(x @ R + h @ r_ + br), s(x @ Z + h @ z_ + bz)
            return z * h + (1 - z) * np.tanh(x @ C + (r * h) @ c_ + bc)""",
)
hand_in(
    "padded behind, mask turned round, mask not looked at",
    {"part3_padding": 0, "part3_masked": 0},
    "앞을 채우고 앞을 자릅니다",
)(
    padding="""\
        pad = lambda s, n: keras.utils.pad_sequences(s, n, padding="post", truncating="post")
        mask = lambda padded: padded == 0""",
    run_masked="run_masked = lambda x, shown, W, U, b: run_rnn(x, W, U, b)[:, -1]",
)
hand_in("a bag that sees pairs", {"part4_bag": 0}, "횟수만 세었는지")(
    bag="""\
        def pairs(x):
            rows = np.zeros((len(x), 400))
            for i, row in enumerate(x):
                rows[i, row[:-1] * 20 + row[1:]] = 1
            return rows

        bag = LogisticRegression(max_iter=200).fit(pairs(x_train), y_train)
        bag_right = bag.predict(pairs(x_valid)) == y_valid""",
)


@pytest.fixture(scope="module")
def homework(tmp_path_factory):
    return Homework(find("05h"), tmp_path_factory.mktemp("05h"))


@pytest.mark.parametrize("name", CASES)
def test_a_hand_in_earns_what_a_fair_teacher_gives(homework, name):
    homework.is_fair_to(CASES[name])
