package io.embeddingoperator.runner.embed.onnx.model;

/** How large a model's files may be, in one place. */
public final class FileLimits {
    /** What Protobuf, and so ONNX Runtime, reads as one file; larger models keep their weights in files beside it. */
    static final long MODEL_BYTES = Integer.MAX_VALUE;

    /** A file of weights beside a model: twice the largest open model that makes embeddings, in float32. */
    static final long WEIGHTS_BYTES = 1L << 36;

    /** Twice the largest vocabulary that is in use. It is read into memory whole. */
    public static final long TOKENIZER_BYTES = 64 << 20;

    /**
     * A file that tells how a model is used, or what a repository holds: the largest in use list every added token. They are read
     * into memory whole.
     */
    public static final long PUBLISHED_BYTES = 16 << 20;

    /** The weights of a dense layer behind a model: five times the largest that is in use. They are read into memory whole. */
    public static final long DENSE_BYTES = 256 << 20;

    private FileLimits() {}
}
