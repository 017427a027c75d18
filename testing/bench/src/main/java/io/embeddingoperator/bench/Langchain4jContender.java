package io.embeddingoperator.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.OnnxEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.PoolingMode;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** langchain4j's own class for ONNX models, with one call for all texts. */
final class Langchain4jContender implements Contender {
    private final String name;
    private final EmbeddingModel model;

    private Langchain4jContender(String name, Path model, Path tokenizer) {
        this.name = name;
        this.model = new OnnxEmbeddingModel(model, tokenizer, PoolingMode.MEAN);
    }

    /** As it comes: the tokenizer file that it publishes cuts texts in silence, at 128 tokens. */
    static Langchain4jContender asPublished(ModelFiles files) {
        return new Langchain4jContender(
                "langchain4j, which cuts at 128 tokens unless told otherwise", files.model(), files.tokenizer());
    }

    /**
     * Cutting at the same length as the others: it takes the length from the tokenizer file alone.
     *
     * @param folder where the changed tokenizer file is put
     */
    static Langchain4jContender cuttingAt(int maxTokens, ModelFiles files, Path folder) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode tokenizer = (ObjectNode) json.readTree(files.tokenizer().toFile());
        tokenizer.withObject("truncation").put("max_length", maxTokens);
        Path changed = folder.resolve("tokenizer-%d.json".formatted(maxTokens));
        Files.writeString(changed, json.writeValueAsString(tokenizer));
        return new Langchain4jContender("langchain4j", files.model(), changed);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Embedded embed(List<String> texts) {
        List<TextSegment> segments = texts.stream().map(TextSegment::from).toList();
        long start = System.nanoTime();
        List<Embedding> embeddings = model.embedAll(segments).content();
        return Embedded.since(start, embeddings.stream().map(Embedding::vector).toList());
    }
}
