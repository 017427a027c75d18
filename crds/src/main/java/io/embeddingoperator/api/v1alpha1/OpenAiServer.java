package io.embeddingoperator.api.v1alpha1;

/** Who serves the API: servers differ in limits, errors and what they accept. */
public enum OpenAiServer {
    /** OpenAI itself, and servers that keep to its API and limits. */
    OpenAI,
    /** Azure OpenAI: baseUrl ends in a deployment (with apiVersion) or in /openai/v1; the key goes in the header api-key. */
    AzureOpenAI,
    /** Hugging Face Text Embeddings Inference: 32 texts and 2 MB a request unless it is told otherwise. */
    TextEmbeddingsInference,
    /** vLLM, which has no batches itself; gateways before it may. */
    VLLM,
    /** Infinity: serves without /v1 unless it is told otherwise. */
    Infinity,
    /** Ollama. */
    Ollama,
    /** A LiteLLM proxy. */
    LiteLLM;

    /** Whether requests are refused without a key. */
    public boolean needsKey() {
        return this == OpenAI || this == AzureOpenAI;
    }

    /** Whether each request may be billed, by the server or by the provider that a proxy passes it on to. */
    public boolean mayBill() {
        return needsKey() || this == LiteLLM;
    }

    /** Whether it takes batches, which are worked off within a day, or may take them: a gateway does as it is set up. */
    public boolean hasBatches() {
        return batchesInAuto() || this == AzureOpenAI || this == LiteLLM || this == VLLM;
    }

    /** Whether mode Auto takes batches: where they are known to be there for every model, and to be cheaper. */
    public boolean batchesInAuto() {
        return this == OpenAI;
    }
}
