package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.e2e.testing.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of guarantees names tests that there are: a promise whose test was renamed or deleted would hold nothing. */
class GuaranteesTest {
    private static final Path PAGE = Checkout.file("docs/guarantees.md");
    private static final Pattern NAMED = Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`");
    private static final Pattern TEST =
            Pattern.compile("@(?:Test|ParameterizedTest|RepeatedTest)\\b[\\s\\S]*?\\bvoid (\\w+)\\(");
    private static final Pattern ROW =
            Pattern.compile("^\\| (?!promise )(.+) \\| (.+) \\| (.+) \\|$", Pattern.MULTILINE);

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        Map<String, List<Path>> classes = testClasses();

        List<String> missing = NAMED.matcher(Files.readString(PAGE))
                .results()
                .filter(test -> classes.getOrDefault(test.group(1), List.of()).stream()
                        .noneMatch(file -> declares(file, test.group(2))))
                .map(MatchResult::group)
                .toList();

        assertThat(missing)
                .as("tests that docs/guarantees.md names and no module has")
                .isEmpty();
    }

    @Test
    void everyPromiseHasATestAndAnAttack() throws IOException {
        List<MatchResult> rows = ROW.matcher(Files.readString(PAGE)).results().toList();

        assertThat(rows).hasSizeGreaterThan(40);
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.group(2)).as("the attack on: %s", row.group(1)).isNotBlank();
            assertThat(row.group(3)).as("the test that holds: %s", row.group(1)).containsPattern(NAMED);
        });
    }

    /** Every file of tests by the name of its class; some names are used in two modules. */
    private static Map<String, List<Path>> testClasses() throws IOException {
        Path root = PAGE.getParent().getParent();
        try (Stream<Path> modules = Files.list(root);
                Stream<Path> testing = Files.list(root.resolve("testing"))) {
            return Stream.concat(modules, testing)
                    .map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .flatMap(GuaranteesTest::files)
                    .collect(Collectors.groupingBy(
                            file -> file.getFileName().toString().replace(".java", "")));
        }
    }

    private static Stream<Path> files(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean declares(Path file, String method) {
        try {
            return TEST.matcher(Files.readString(file))
                    .results()
                    .anyMatch(test -> test.group(1).equals(method));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
