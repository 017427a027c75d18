package io.embeddingoperator.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.runner.chunk.Chunker;
import io.embeddingoperator.runner.embed.TokenizedText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The corpus of the quickstart, as texts of the length that the runner gives to a model. */
record Corpus(List<TokenizedText> chunks) {
    Corpus {
        chunks = List.copyOf(chunks);
    }

    /** @param file NDJSON with {@code title} and {@code body}, joined as the runner joins text columns */
    static Corpus read(Path file, Chunker chunker) throws IOException {
        ObjectMapper json = new ObjectMapper();
        try (Stream<String> lines = Files.lines(file)) {
            return new Corpus(lines.flatMap(line -> {
                        try {
                            JsonNode document = json.readTree(line);
                            return chunker
                                    .chunk(document.get("title").asText() + "\n"
                                            + document.get("body").asText())
                                    .stream();
                        } catch (IOException e) {
                            throw new IllegalStateException(file + " holds a line that is no JSON: " + line, e);
                        }
                    })
                    .toList());
        }
    }

    /** Fewer chunks, taken evenly from all, in their order. */
    Corpus sample(int size) {
        int taken = Math.min(size, chunks.size());
        return new Corpus(IntStream.range(0, taken)
                .mapToObj(i -> chunks.get((int) ((long) i * chunks.size() / taken)))
                .toList());
    }

    List<String> texts() {
        return chunks.stream().map(TokenizedText::text).toList();
    }

    /** As the model sees them, special tokens included. */
    long tokens() {
        return chunks.stream().mapToLong(TokenizedText::length).sum();
    }
}
