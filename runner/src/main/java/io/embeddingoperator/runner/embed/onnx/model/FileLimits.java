package io.embeddingoperator.runner.embed.onnx.model;

/** How large a model's files may be, in one place. */
public final class FileLimits {
    /** What Protobuf, and so ONNX Runtime, reads as one file; larger models keep their weights in files beside it. */
    static final long MODEL_BYTES = Integer.MAX_VALUE;

    /** Twice the largest vocabulary that is in use. It is read into memory whole. */
    public static final long TOKENIZER_BYTES = 64 << 20;

    /** Settings beside a model, in JSON: the largest in use list every added token. They are read into memory whole. */
    public static final long SETTINGS_BYTES = 16 << 20;

    private FileLimits() {}
}
