package io.embeddingoperator.cluster.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An image as a file: an OCI image layout in a tar archive, as Jib writes it. */
public final class ImageArchive {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String WHITEOUT = ".wh.";

    private ImageArchive() {}

    /**
     * Unpacks the only image of the archive.
     *
     * @param archive an OCI image layout in a tar
     * @param folder made here; gets the root file system in {@code root} and the archive's parts in {@code blobs}
     * @return the root file system
     * @throws IllegalArgumentException when the archive is not of that form
     */
    public static Path unpack(Path archive, Path folder) {
        try {
            JsonNode manifest = blob(folder, unpackLayout(archive, folder));
            Path root = Files.createDirectories(folder.resolve("root"));
            for (JsonNode layer : manifest.path("layers")) {
                unpackLayer(blobFile(folder, layer), root);
            }
            return root;
        } catch (IOException e) {
            throw new IllegalArgumentException("%s is no OCI image in a tar: %s".formatted(archive, e.getMessage()), e);
        }
    }

    /**
     * Unpacks the archive's parts alone, into {@code blobs}.
     *
     * @return what refers to the manifest of its only image
     */
    static JsonNode unpackLayout(Path archive, Path folder) {
        try {
            Files.createDirectories(folder);
            tar("-xf", archive.toString(), "-C", folder.toString());
            return only(read(folder.resolve("index.json")), "manifests", archive);
        } catch (IOException e) {
            throw new IllegalArgumentException("%s is no OCI image in a tar: %s".formatted(archive, e.getMessage()), e);
        }
    }

    private static void unpackLayer(Path layer, Path root) throws IOException {
        tar("-xf", layer.toString(), "-C", root.toString(), "--no-same-owner", "--delay-directory-restore");
        try (var files = Files.walk(root)) {
            files.filter(file -> file.getFileName().toString().startsWith(WHITEOUT))
                    .findAny()
                    .ifPresent(file -> {
                        throw new IllegalArgumentException(
                                "a layer deletes %s of a layer below it, which is not supported".formatted(file));
                    });
        }
    }

    private static JsonNode only(JsonNode document, String list, Path archive) {
        JsonNode items = document.path(list);
        if (items.size() != 1) {
            throw new IllegalArgumentException("%s holds %d images: one is expected".formatted(archive, items.size()));
        }
        return items.get(0);
    }

    private static JsonNode blob(Path folder, JsonNode descriptor) throws IOException {
        return read(blobFile(folder, descriptor));
    }

    private static Path blobFile(Path folder, JsonNode descriptor) {
        return folder.resolve("blobs")
                .resolve(descriptor.path("digest").asText().replace(':', '/'));
    }

    private static JsonNode read(Path file) throws IOException {
        return JSON.readTree(file.toFile());
    }

    private static void tar(String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of("tar"));
        line.addAll(List.of(arguments));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while it was unpacked", e);
        }
    }
}
