package io.embeddingoperator.e2e.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.cluster.image.ImageArchive;
import io.embeddingoperator.e2e.testing.Checkout;
import io.embeddingoperator.e2e.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the images say that they are made of is what is in them. */
@EnabledIfSystemProperty(
        named = "embedding.images",
        matches = "true",
        disabledReason = "only the profile images builds them")
class BillOfMaterialsIT {
    private static final Path FOLDER = Checkout.file("testing/e2e").resolve("target/bills");

    @ParameterizedTest
    @ValueSource(strings = {"runner", "operator"})
    void namesExactlyTheJarsOfTheImage(String name) throws IOException, GeneralSecurityException {
        Path root = unpack(name);
        BillOfMaterials bill = BillOfMaterials.of(root, name);

        Map<String, String> named = bill.namesByChecksum();
        Map<String, String> present = jars(root);
        // The program's own jar is what the bill is of, and no component of it.
        assertThat(present.values().removeIf(bill.product()::equals)).isTrue();

        assertThat(bill.format()).isEqualTo("CycloneDX");
        assertThat(present).as("the jars in the image").hasSizeGreaterThan(30);
        assertThat(without(present, named))
                .as("jars that the bill does not name")
                .isEmpty();
        assertThat(without(named, present)).as("components that no jar is").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"runner", "operator"})
    void namesThePackagesOfTheBaseAndItsJavaRuntime(String name) throws IOException {
        Path root = unpack(name);
        List<String> present = new ArrayList<>(files(root.resolve("var/lib/dpkg/status.d")));
        present.add("java-runtime");

        assertThat(BillOfMaterials.of(root, "base").names())
                .contains("libc6")
                .containsExactlyInAnyOrderElementsOf(present);
    }

    @ParameterizedTest
    @ValueSource(strings = {"runner/target/sbom/runner.cdx.json", "runner/target/sbom/bundled-model.cdx.json"})
    void standsBesideTheArchive(String file) throws IOException {
        Path inTheImage =
                unpack("runner").resolve("usr/share/sbom").resolve(Path.of(file).getFileName());

        assertThat(Files.readString(inTheImage))
                .isEqualTo(Files.readString(Checkout.file(file)))
                .doesNotContain("${");
    }

    private static Path unpack(String name) {
        Path folder = FOLDER.resolve(name);
        new Program(Path.of("/bin/rm"), Map.of()).run("-rf", folder.toString());
        return ImageArchive.unpack(Checkout.file(name + "/target/" + name + ".tar"), folder);
    }

    /** The file name of each jar by its SHA-256. */
    private static Map<String, String> jars(Path root) throws IOException, GeneralSecurityException {
        Map<String, String> jars = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root.resolve("app"))) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
                jars.put(HexFormat.of().formatHex(digest), file.getFileName().toString());
            }
        }
        return jars;
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static List<String> without(Map<String, String> some, Map<String, String> others) {
        return some.entrySet().stream()
                .filter(entry -> !others.containsKey(entry.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }
}
