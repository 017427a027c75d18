package io.embeddingoperator.openai.simulator;

import io.embeddingoperator.openai.simulator.error.ErrorForm;
import io.embeddingoperator.openai.simulator.limit.HeaderForm;

/** Whose server is simulated. */
public enum Profile {
    OPENAI("/v1", ErrorForm.OPENAI, HeaderForm.OPENAI, 2048),
    /** Deployments and /openai/v1, the key in the header api-key; files and batches under /openai as well. */
    AZURE("/openai/v1", ErrorForm.AZURE, HeaderForm.AZURE, 2048),
    /** Hugging Face's: 32 texts, 2 MB, unwrapped errors, long texts are cut in silence. */
    TEXT_EMBEDDINGS_INFERENCE("/v1", ErrorForm.TEXT_EMBEDDINGS_INFERENCE, HeaderForm.NONE, 32),
    VLLM("/v1", ErrorForm.VLLM, HeaderForm.NONE, Integer.MAX_VALUE),
    /** Before it knew base64. */
    VLLM_WITHOUT_BASE64("/v1", ErrorForm.VLLM, HeaderForm.NONE, Integer.MAX_VALUE),
    /** Serves without /v1. */
    INFINITY("", ErrorForm.NUMERIC_CODE, HeaderForm.NONE, 2048),
    /** Takes texts, never tokens. */
    OLLAMA("/v1", ErrorForm.OPENAI, HeaderForm.NONE, Integer.MAX_VALUE),
    LITELLM("/v1", ErrorForm.STATUS_AS_TEXT, HeaderForm.NONE, 2048),
    /** Batches are jobs, and dimensions have another name. */
    MISTRAL("/v1", ErrorForm.VLLM, HeaderForm.NONE, 2048),
    /** Files and batches in a form of its own, beside the OpenAI form, with the key in the header x-goog-api-key. */
    GEMINI("/v1beta/openai", ErrorForm.GOOGLE, HeaderForm.NONE, 100);

    private static final int TWO_MEGABYTES = 2_000_000;

    private final String prefix;
    private final ErrorForm errors;
    private final HeaderForm headers;
    private final int maxInputs;

    Profile(String prefix, ErrorForm errors, HeaderForm headers, int maxInputs) {
        this.prefix = prefix;
        this.errors = errors;
        this.headers = headers;
        this.maxInputs = maxInputs;
    }

    /** What stands before {@code /embeddings}. */
    public String prefix() {
        return prefix;
    }

    public ErrorForm errors() {
        return errors;
    }

    public HeaderForm headers() {
        return headers;
    }

    public int maxInputs() {
        return maxInputs;
    }

    /** OpenAI, Azure, Mistral and Gemini serve no client without a key. */
    public boolean needsKey() {
        return this == OPENAI || this == AZURE || this == MISTRAL || this == GEMINI;
    }

    /** Whether exactly the models of the settings are known; others serve the one they have under any name. */
    public boolean knowsModels() {
        return needsKey();
    }

    public boolean hasBatches() {
        return needsKey() || this == LITELLM;
    }

    /** By which a request asks for the length of vectors. */
    public String dimensionsName() {
        return this == MISTRAL ? "output_dimension" : "dimensions";
    }

    public boolean takesTokens() {
        return this != OLLAMA && this != TEXT_EMBEDDINGS_INFERENCE;
    }

    public boolean takesBase64() {
        return this != VLLM_WITHOUT_BASE64;
    }

    public boolean cutsLongTexts() {
        return this == TEXT_EMBEDDINGS_INFERENCE || this == OLLAMA;
    }

    public long maxBodyBytes() {
        return this == TEXT_EMBEDDINGS_INFERENCE ? TWO_MEGABYTES : Long.MAX_VALUE;
    }

    /** The 300,000 tokens of one request are OpenAI's and Azure's own. */
    public boolean limitsRequestTokens() {
        return needsKey();
    }
}
