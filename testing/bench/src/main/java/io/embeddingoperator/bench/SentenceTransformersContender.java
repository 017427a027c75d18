package io.embeddingoperator.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** sentence-transformers with torch, in a Python process of its own; what it takes to load is not counted. */
final class SentenceTransformersContender implements Contender {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path python;
    private final Path script;
    private final Path folder;
    private final int threads;

    /** @param folder where the texts are handed over */
    SentenceTransformersContender(Path python, Path script, Path folder, int threads) {
        this.python = python;
        this.script = script;
        this.folder = folder;
        this.threads = threads;
    }

    @Override
    public String name() {
        return "sentence-transformers";
    }

    @Override
    public Embedded embed(List<String> texts) throws IOException, InterruptedException {
        Path file = folder.resolve("texts.ndjson");
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            for (String text : texts) {
                writer.write(JSON.writeValueAsString(Map.of("text", text)));
                writer.newLine();
            }
        }
        Process process = new ProcessBuilder(
                        python.toString(), script.toString(), file.toString(), "--threads", Integer.toString(threads))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("%s failed: see above".formatted(script));
        }
        return new Embedded(JSON.readTree(answer).get("seconds").asDouble(), List.of());
    }
}
