package io.embeddingoperator.runner.embed;

import java.util.OptionalInt;

/** A batch could not be embedded. */
public final class EmbeddingException extends Exception {
    private final boolean textsAtFault;
    private final int guilty;

    public EmbeddingException(String message) {
        this(message, null);
    }

    public EmbeddingException(String message, Throwable cause) {
        this(message, cause, false, OptionalInt.empty());
    }

    private EmbeddingException(String message, Throwable cause, boolean textsAtFault, OptionalInt guilty) {
        super(message, cause);
        this.textsAtFault = textsAtFault;
        this.guilty = guilty.orElse(-1);
    }

    /**
     * The embedder itself says that a text of the batch is at fault.
     *
     * @param guilty its place in the batch, where that is known
     */
    public static EmbeddingException ofText(String message, OptionalInt guilty, Throwable cause) {
        return new EmbeddingException(message, cause, true, guilty);
    }

    /** Whether it is certain that a text of the batch is at fault, and not the embedder. */
    public boolean textsAtFault() {
        return textsAtFault;
    }

    /** The place in the batch of the text that is at fault, where that is known. */
    public OptionalInt guilty() {
        return guilty < 0 ? OptionalInt.empty() : OptionalInt.of(guilty);
    }
}
