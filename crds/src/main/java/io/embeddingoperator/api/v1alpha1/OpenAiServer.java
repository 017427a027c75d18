package io.embeddingoperator.api.v1alpha1;

import java.util.Optional;

/** Who serves the API: servers differ in limits, errors and what they accept. */
public enum OpenAiServer {
    /** OpenAI itself, and servers that keep to its API and limits. */
    OpenAI("https://api.openai.com/v1"),
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
    LiteLLM,
    /** The Gemini API: 100 texts a request. */
    Gemini("https://generativelanguage.googleapis.com/v1beta/openai"),
    /** Mistral AI. */
    Mistral("https://api.mistral.ai/v1"),
    /** Voyage AI: tells documents from queries. */
    Voyage("https://api.voyageai.com/v1"),
    /** Cohere's compatibility API: 96 texts a request; tells documents from queries. */
    Cohere("https://api.cohere.ai/compatibility/v1"),
    /** Jina AI: tells documents from queries. */
    Jina("https://api.jina.ai/v1"),
    /** Alibaba Cloud Model Studio, by its international address: 10 texts a request. */
    DashScope("https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
    /** Vertex AI: baseUrl ends in /endpoints/openapi of a project and location; the key is an access token. */
    VertexAI,
    /** The server of llama.cpp: its option --ubatch-size limits the tokens of a text. */
    LlamaCpp;

    private final Optional<String> publicUrl;

    OpenAiServer() {
        this.publicUrl = Optional.empty();
    }

    OpenAiServer(String publicUrl) {
        this.publicUrl = Optional.of(publicUrl);
    }

    /** The address that it has for everyone; empty where each has its own. */
    public Optional<String> publicUrl() {
        return publicUrl;
    }

    /** Whether requests are refused without a key. */
    public boolean needsKey() {
        return switch (this) {
            case OpenAI, AzureOpenAI, Gemini, Mistral, Voyage, Cohere, Jina, DashScope, VertexAI -> true;
            case TextEmbeddingsInference, VLLM, Infinity, Ollama, LiteLLM, LlamaCpp -> false;
        };
    }

    /** Whether each request may be billed, by the server or by the provider that a proxy passes it on to. */
    public boolean mayBill() {
        return needsKey() || this == LiteLLM;
    }

    /** Whether its models are OpenAI's, with their names, lengths and prices; elsewhere a model may have any name. */
    public boolean hasOpenAiModels() {
        return this == OpenAI || this == AzureOpenAI;
    }

    /** Whether it takes batches, which are worked off within a day, or may take them: a gateway does as it is set up. */
    public boolean hasBatches() {
        return batchesInAuto()
                || this == AzureOpenAI
                || this == LiteLLM
                || this == VLLM
                || this == Mistral
                || this == Gemini;
    }

    /** Whether mode Auto takes batches: where they are known to be there for every model, and to be cheaper. */
    public boolean batchesInAuto() {
        return this == OpenAI;
    }
}
