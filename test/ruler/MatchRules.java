import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.event.ruler.Machine;

/** JSON lines: {"rules": {name: pattern}, "events": [event]} in; {"matched": [[name]]} or {"error": text} out. */
public final class MatchRules {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(JSON.writeValueAsString(answer(line)));
    }
  }

  private static Map<String, Object> answer(String line) {
    try {
      JsonNode request = JSON.readTree(line);
      Machine machine = Machine.builder().build();
      for (Map.Entry<String, JsonNode> rule : request.get("rules").properties()) {
        machine.addRule(rule.getKey(), JSON.writeValueAsString(rule.getValue()));
      }
      List<List<String>> matched = new ArrayList<>();
      for (JsonNode event : request.get("events")) {
        matched.add(machine.rulesForJSONEvent(JSON.writeValueAsString(event)));
      }
      return Map.of("matched", matched);
    } catch (Exception error) {
      return Map.of("error", String.valueOf(error.getMessage()));
    }
  }
}
