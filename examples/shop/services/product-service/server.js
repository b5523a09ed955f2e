import { serve } from '../shared/service.js';

const products = [
  { id: 'collar', name: 'Leather collar with bell', cents: 2450 },
  { id: 'crook', name: "Shepherd's crook, ash", cents: 6900 },
  { id: 'lantern', name: 'Stable lantern', cents: 3200 },
  { id: 'whistle', name: 'Dog whistle, brass', cents: 1150 },
];

serve({
  name: 'product-service',
  port: Number(process.env.PORT ?? 8000),
  routes: {
    'GET /products': () => ({ body: { products } }),
    'GET /products/:id': ({ id }) => {
      const product = products.find((one) => one.id === id);
      return product ? { body: product } : { status: 404, body: { error: `there is no product "${id}"` } };
    },
  },
});
