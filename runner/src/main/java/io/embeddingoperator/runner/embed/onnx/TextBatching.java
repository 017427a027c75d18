package io.embeddingoperator.runner.embed.onnx;

/** Whether texts share the calls of a model, and why not. */
enum TextBatching {
    BATCHED("batched"),
    DYNAMICALLY_QUANTIZED("dynamically quantised, so each text runs alone and unpadded to be reproducible"),
    DEPENDENT("its vectors change with what shares a batch, so each text runs alone and unpadded to be reproducible");

    private final String description;

    TextBatching(String description) {
        this.description = description;
    }

    static TextBatching of(ModelGraph graph, TextModel model, BatchProbe probe) {
        if (graph.quantizesByBatch()) {
            return DYNAMICALLY_QUANTIZED;
        }
        return !model.has(InputRole.ATTENTION_MASK) || probe.findsDependence() ? DEPENDENT : BATCHED;
    }

    boolean alone() {
        return this != BATCHED;
    }

    /** For a person. */
    String description() {
        return description;
    }
}
