package io.embeddingoperator.runner.embed;

import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A batch could not be embedded. */
public final class EmbeddingException extends Exception {
    private final boolean textsAtFault;
    private final int guilty;
    private final transient float[][] kept;

    public EmbeddingException(String message) {
        this(message, null, false, OptionalInt.empty(), new float[0][]);
    }

    public EmbeddingException(String message, Throwable cause) {
        this(message, cause, false, OptionalInt.empty(), new float[0][]);
    }

    private EmbeddingException(
            String message, @Nullable Throwable cause, boolean textsAtFault, OptionalInt guilty, float[][] kept) {
        super(message, cause);
        this.textsAtFault = textsAtFault;
        this.guilty = guilty.orElse(-1);
        this.kept = kept;
    }

    /** The sentence, which none of them is without. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /**
     * The embedder itself says that a text of the batch is at fault.
     *
     * @param guilty its place in the batch, where that is known
     */
    public static EmbeddingException ofText(String message, OptionalInt guilty, Throwable cause) {
        return new EmbeddingException(message, cause, true, guilty, new float[0][]);
    }

    /**
     * The same, with what was embedded and paid for all the same.
     *
     * @param vectors of the batch's texts in their places, null where there is none
     */
    public EmbeddingException keeping(float[][] vectors) {
        return new EmbeddingException(getMessage(), this, textsAtFault, guilty(), vectors);
    }

    /** The vectors that some texts of the batch got, in their places, and null elsewhere; empty where none did. */
    public float[][] kept() {
        return kept;
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
