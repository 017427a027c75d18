package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import java.time.Duration;

/**
 * How long a model may take, far beyond what an honest one does: a model with an endless loop, and the run with it, would
 * otherwise stand still for ever.
 *
 * @param least for a call of any size: the machine may be busy with something else
 * @param modelBytes of the model's files
 */
record InferenceLimit(Duration least, long modelBytes) {
    private static final Duration LEAST = Duration.ofSeconds(20);

    /** Weights that come from a slow disk, a second. */
    private static final long READ_BYTES = 50_000_000;

    /** Weights times tokens, a second: a thousandth of what one core was measured to do. */
    private static final long COMPUTED_BYTES = 1_000_000_000;

    /** A graph is optimised while it is loaded, and parts of it are computed: those that no input has a part in. */
    private static final long LOAD_SECONDS = 120;

    static InferenceLimit of(ModelFiles files, ModelGraph graph) {
        return new InferenceLimit(LEAST, ModelMemory.weights(files, graph));
    }

    Duration call(long tokens) {
        return least.plusSeconds(modelBytes / READ_BYTES + modelBytes / 1_000 * tokens / (COMPUTED_BYTES / 1_000));
    }

    Duration load() {
        return Duration.ofSeconds(LOAD_SECONDS + modelBytes / (READ_BYTES / 10));
    }
}
