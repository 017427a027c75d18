package io.embeddingoperator.api.v1alpha1;

/** How a document becomes chunks. */
public enum ChunkingStrategy {
    /** One chunk a document; what the model cannot take is cut off and counted. */
    None,
    /** Split at paragraphs, then lines, sentences and words, into chunks that fill the token limit. */
    Recursive
}
