"""Homework 05h, order by hand: each hand-in earns what a fair teacher gives."""

from inside import HandIn, adder, held_to, left

CASES: dict[str, HandIn] = {}
# What takes longer than the rest of it; hand-ins that differ elsewhere leave it out.
hand_in, with_network = adder(CASES, left("network why")), adder(CASES)
LOOP = """\
    def run_masked(sequences, shown, W, U, b):
        last = np.zeros((len(sequences), U.shape[0]))
        for i, row in enumerate(sequences):
            for t, x in enumerate(row):
                if shown[i][t]:
                    last[i] = np.tanh(x @ W + last[i] @ U + b)
        return last"""
TF_STEP = "rnn_step = lambda x, h, W, U, b: tf.tanh(tf.matmul(x, W) + tf.matmul(h, U) + b)"

# --- honest, whole or in part --------------------------------------------------------------------

hand_in("the solution")()
hand_in("np.dot, einsum, loops over reviews")(
    rnn_step="rnn_step = lambda x, h, W, U, b: np.tanh(np.dot(x, W) + np.dot(h, U) + b)",
    run_rnn="""\
        def run_rnn(sequences, W, U, b):
            out = np.zeros(sequences.shape[:2] + (U.shape[1],))
            for i, row in enumerate(sequences):
                for t, x in enumerate(row):
                    out[i, t] = np.tanh(x @ W + out[i, t - 1] @ U + b)
            return out""",
    gradient="""\
        def step_gradient(x, h, W, U, b, slope):
            d = slope - slope * rnn_step(x, h, W, U, b) ** 2
            return [np.einsum("nj,ij->ni", d, U), np.einsum("ni,nj->ij", x, d),
                    np.einsum("ni,nj->ij", h, d), np.sum(d, 0)]""",
    run_masked=LOOP,
)
hand_in("TensorFlow in place of hands")(
    rnn_step=TF_STEP,
    run_rnn="""\
        def with_weights(layer, x, W, U, b):
            layer.build(x.shape)
            layer.set_weights([W, U, b])
            return layer

        def run_rnn(x, *weights):
            layer = with_weights(layers.SimpleRNN(len(weights[2]), return_sequences=True), x, *weights)
            return layer(np.asarray(x, "float32"))""",
    gradient="""\
        def step_gradient(x, h, W, U, b, slope):
            given = [tf.Variable(np.asarray(a, "float32")) for a in (h, W, U, b)]
            with tf.GradientTape() as tape:
                new = tf.tanh(np.asarray(x, "float32") @ given[1] + given[0] @ given[2] + given[3])
                value = tf.reduce_sum(new * np.asarray(slope, "float32"))
            return tape.gradient(value, given)""",
    gru_step="""\
        def gru_step(x, h, *weights):
            cell = with_weights(layers.GRUCell(h.shape[1], reset_after=False), x, *weights)
            return cell(np.asarray(x, "float32"), [np.asarray(h, "float32")])[0]""",
    run_masked="""\
        def run_masked(x, shown, *weights):
            layer = with_weights(layers.SimpleRNN(len(weights[2])), x, *weights)
            return layer(np.asarray(x, "float32"), mask=tf.constant(shown))""",
)
hand_in("TensorFlow as in its tutorials: states of float32")(
    rnn_step=TF_STEP,
    run_rnn={"np.zeros(": "tf.zeros(", "np.stack": "tf.stack"},
    gradient="""\
        def step_gradient(x, h, W, U, b, slope):
            given = [tf.Variable(a) for a in (h, W, U, b)]
            with tf.GradientTape() as tape:
                value = tf.reduce_sum(rnn_step(x, *given) * tf.cast(slope, tf.float32))
            return tape.gradient(value, given)""",
    run_masked={
        "np.zeros(": "tf.zeros(",
        "np.where(shown[:, t, None], new, h)": "h + tf.cast(shown[:, t : t + 1], tf.float32) * (new - h)",
    },
)
hand_in("another sum of the state and its candidate, float32")(
    gru_step={"z * h + (1 - z) * candidate": "np.float32((h - candidate) * z + candidate)"}
)
hand_in("pad and mask by slices, lists given back")(
    padding="""\
        pad = lambda sequences, maxlen: [([0] * maxlen + list(s))[-maxlen:] for s in sequences]
        mask = lambda padded: [[int(n > 0) for n in row] for row in np.array(padded)]""",
    bag="""\
        from sklearn.naive_bayes import MultinomialNB
        counts = lambda x: np.eye(len(vocabulary))[x].sum(1)[:, 1:]
        model0 = MultinomialNB().fit(counts(x_train), y_train)
        bag_right = list(model0.predict(counts(x_valid)) == y_valid)""",
)
hand_in("what is masked is cut out")(
    run_masked="""\
        run_masked = lambda sequences, shown, W, U, b: np.array(
            [run_rnn(s[np.asarray(m, bool)][None], W, U, b)[0, -1] for s, m in zip(sequences, shown)])"""
)
hand_in("only the last state", {"part1_run": 4}, "마지막 상태만")(
    run_rnn={"np.stack(states, axis=1)": "h"}
)
hand_in("1.1 left out, its own in the others", says="rnn_step을 부를 수 없었습니다")(
    **left("rnn_step run_rnn gradient"), run_masked=LOOP
)
hand_in("the update gate the other way round", {"part2_gru": 7}, "업데이트 게이트가 거꾸로")(
    gru_step={"z * h + (1 - z) * candidate": "(1 - z) * h + z * candidate"}
)
hand_in(
    "half of the gradients, only padding in front",
    {"part1_gradient": 8, "part3_masked": 6},
    "기울기가 없거나 다른 것: U, b",
)(
    gradient={"h.T @ inside, inside.sum": "None, inside.mean"},
    run_masked={"np.where(shown[:, t, None], new, h)": "new * shown[:, t, None]"},
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
    network={"layers.GRU(24)": "layers.GlobalAveragePooling1D()", "epochs=15": "epochs=2"},
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
hand_in("no tanh, state not handed on", {"part1_step": 0, "part1_run": 0}, "tanh를 씌웁니다")(
    rnn_step={"np.tanh(": "("},
    run_rnn="run_rnn = lambda sequences, W, U, b: np.tanh(sequences @ W + b)",
    **left("gradient run_masked"),
)
hand_in("the gradient without the tanh", {"part1_gradient": 0}, "지난 상태, W, U, b")(
    gradient={" * (1 - rnn_step(x, h, W, U, b) ** 2)": ""}
)
hand_in("gates in another order", {"part2_gru": 0}, "z, r, h의 차례")(
    gru_step={"Wz, Wr,": "Wr, Wz,", "Uz, Ur,": "Ur, Uz,", "bz, br,": "br, bz,"}
)
hand_in(
    "padded behind, mask turned round, mask not looked at",
    {"part3_padding": 0, "part3_masked": 0},
    "앞을 채우고 앞을 자릅니다",
)(
    padding={"maxlen=maxlen": "maxlen, padding='post', truncating='post'", "!= 0": "== 0"},
    run_masked="run_masked = lambda x, shown, W, U, b: run_rnn(x, W, U, b)[:, -1]",
)
hand_in("a bag that sees pairs", {"part4_bag": 0}, "횟수만 세었는지")(
    bag={
        "bincount(row, minlength=len(vocabulary))": "bincount(row[:-1] * 20 + row[1:], minlength=400)"
    }
)

test_a_hand_in_earns_what_a_fair_teacher_gives = held_to("05h", CASES)
