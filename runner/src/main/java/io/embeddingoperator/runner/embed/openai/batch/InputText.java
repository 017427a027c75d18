package io.embeddingoperator.runner.embed.openai.batch;

/** The text that is sent for a chunk: the same one in a batch as in a request of its own, or the vectors would differ. */
public interface InputText {
    /**
     * With the prefix in front, and cut where the model cannot take all of it.
     *
     * @param truncated whether the content goes on beyond what the model takes
     */
    String of(String content, boolean truncated);
}
