package io.embeddingoperator.openai.simulator.fault;

/** What a request asks for. */
public enum Endpoint {
    EMBEDDINGS,
    LIST_MODELS,
    /** Gemini's announcement of a file, which {@link #UPLOAD_FILE} then brings. */
    BEGIN_UPLOAD,
    UPLOAD_FILE,
    LIST_FILES,
    GET_FILE,
    DELETE_FILE,
    FILE_CONTENT,
    CREATE_BATCH,
    LIST_BATCHES,
    GET_BATCH,
    CANCEL_BATCH
}
