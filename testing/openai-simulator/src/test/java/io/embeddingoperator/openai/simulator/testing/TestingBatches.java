package io.embeddingoperator.openai.simulator.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.core.MultipartField;
import com.openai.core.http.HttpResponse;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Batches as a client of OpenAI makes them. */
public final class TestingBatches {
    public static final String MODEL = "text-embedding-3-small";
    public static final int DIMENSIONS = 8;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final OpenAIClient client;

    public TestingBatches(OpenAIClient client) {
        this.client = client;
    }

    public static String line(String customId, String... texts) {
        return lineFor(MODEL, customId, texts);
    }

    public static String lineFor(String model, String customId, String... texts) {
        return "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"/v1/embeddings\",\"body\":{\"model\":\"%s\",\"input\":%s,\"dimensions\":%d,\"encoding_format\":\"base64\"}}"
                .formatted(customId, model, JSON.valueToTree(texts), DIMENSIONS);
    }

    /** Lines {@code doc-0} and so on, with the texts {@code text 0} and so on. */
    public static List<String> lines(int count) {
        List<String> lines = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            lines.add(line("doc-" + number, "text " + number));
        }
        return lines;
    }

    public FileObject upload(String name, String content) {
        return client.files()
                .create(FileCreateParams.builder()
                        .purpose(FilePurpose.BATCH)
                        .file(MultipartField.<InputStream>builder()
                                .value(new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)))
                                .filename(name)
                                .contentType("application/jsonl")
                                .build())
                        .build());
    }

    public static BatchCreateParams.Builder order(String file) {
        return BatchCreateParams.builder()
                .inputFileId(file)
                .endpoint(BatchCreateParams.Endpoint.V1_EMBEDDINGS)
                .completionWindow(BatchCreateParams.CompletionWindow._24H);
    }

    public Batch create(List<String> lines) {
        return client.batches()
                .create(order(upload("batch.jsonl", String.join("\n", lines) + "\n")
                                .id())
                        .build());
    }

    public Batch find(Batch batch) {
        return client.batches().retrieve(batch.id());
    }

    public String content(String file) {
        try (HttpResponse response = client.files().content(file)) {
            return new String(response.body().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<JsonNode> parsed(String content) {
        return content.lines()
                .filter(line -> !line.isBlank())
                .map(TestingBatches::json)
                .toList();
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
