import { SeededRandom } from './src/base/random.ts';
import { drawPlan, World } from './src/crdt/document/world.model.ts';
const n=+process.argv[2], model=process.argv[3]==='m', steps=+(process.argv[4]??30);
const t=performance.now(), c=process.cpuUsage();
for(let i=0;i<n;i++){World.play(drawPlan(new SeededRandom('p').split(String(i)),steps),{model});}
const u=process.cpuUsage(c);
console.log(n,'runs',(performance.now()-t)/n,'ms wall each', (u.user+u.system)/1000/n,'cpu each');
